using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>One stage of a build: a scorer and a selector under one name.</summary>
internal abstract class Stage(string name, string kind)
{
    public string Name { get; } = name;

    public string Kind { get; } = kind;

    /// <summary>The identities of the scorers behind the stage, as text; they stand in the manifest.</summary>
    public abstract IReadOnlyList<string> Identities { get; }

    /// <summary>The parameters that select, as the manifest shows them.</summary>
    public required IReadOnlyList<NamedText> Parameters { get; init; }

    public abstract StageOutcome Run(StageContext context);
}
