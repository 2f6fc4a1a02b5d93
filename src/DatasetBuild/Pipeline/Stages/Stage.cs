using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>One stage of a build: a scorer and a selector under one name.</summary>
internal abstract class Stage(string name, string kind)
{
    public string Name { get; } = name;

    public string Kind { get; } = kind;

    /// <summary>The identities of the scorers behind the stage, as text; they stand in the manifest.</summary>
    public abstract IReadOnlyList<string> Identities { get; }

    /// <summary>The scorers whose stored values the stage asks for; empty where it stores none.</summary>
    public virtual IReadOnlyList<IScorer> Scorers => [];

    /// <summary>Whether the stage compares records with those of <c>DatasetBase</c>.</summary>
    public virtual bool UsesBase => false;

    /// <summary>The parameters that select, as the manifest shows them.</summary>
    public required IReadOnlyList<NamedText> Parameters { get; init; }

    public abstract StageOutcome Run(StageContext context);

    /// <summary>
    /// Where not all values are known, or not all of the records that enter will: drops those whose fate follows from their own value alone, whichever
    /// others enter.
    /// </summary>
    public virtual void DropCertain(StageContext context)
    {
    }
}
