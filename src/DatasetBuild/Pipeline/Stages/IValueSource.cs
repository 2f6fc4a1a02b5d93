using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Where a stage's numbers come from.</summary>
internal interface IValueSource
{
    /// <summary>All that determines the values besides the records, as texts.</summary>
    IReadOnlyList<string> Identities => [.. Scorers.Select(scorer => scorer.Identity.Text)];

    /// <summary>The scorers whose stored values these are, or are made of; empty where they are read or made anew in every build.</summary>
    IReadOnlyList<IScorer> Scorers => [];

    /// <summary>Fills in the value, or the reason why there is none, of every record that entered.</summary>
    ScoringFacts Fill(StageContext context, Scores scores);
}
