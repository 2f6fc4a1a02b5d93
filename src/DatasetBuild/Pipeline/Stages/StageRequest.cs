using DatasetBuild.Caching;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>What a stage is made from.</summary>
internal sealed record StageRequest(string Name, string Kind, Parameters Parameters, StageMaterials Materials)
{
    /// <summary>The parameters as they were written, in the catalog's order.</summary>
    public required IReadOnlyList<NamedText> Declared { get; init; }

    public Plan Plan => Materials.Session.Plan;

    public Settings Settings => Materials.Session.Settings;

    /// <summary>Receives the full path of each file that the stage reads besides the shards, before it does.</summary>
    public InputFiles InputFiles => Materials.InputFiles;

    public TokenizerCache Tokenizers => Materials.Tokenizers;

    public TemplateCache Templates => Materials.Templates;

    public ModelCache Models => Materials.Models;

    /// <summary>The project's evaluation items, read when a stage asks for them.</summary>
    public Lazy<EvaluationSet> Evaluation => Materials.Evaluation;
}

/// <summary>What all stages of a build are made from: each file is read once, whichever stages name it.</summary>
internal sealed class StageMaterials(BuildSession session, InputFiles inputFiles, StatTable stats)
{
    private readonly InputDigests digests = new(inputFiles, stats, session.Settings.VerifyInputs, session.Cancel);
    private TokenizerCache? tokenizers;
    private ModelCache? models;

    public BuildSession Session => session;

    public InputFiles InputFiles => inputFiles;

    public TokenizerCache Tokenizers => tokenizers ??= new TokenizerCache(session.Plan, new KeptTokenizers(session.Derived, inputFiles, digests));

    public TemplateCache Templates { get; } = new(session.Plan);

    public ModelCache Models => models ??= new ModelCache(session.Plan, session.Models, digests);

    public Lazy<EvaluationSet> Evaluation { get; } = new(() => EvaluationSet.Load(session.Plan, session.Settings, inputFiles, session.Derived));
}
