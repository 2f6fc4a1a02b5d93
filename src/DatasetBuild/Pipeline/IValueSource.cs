using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Where a stage's numbers come from.</summary>
internal interface IValueSource
{
    /// <summary>All that determines the values besides the records, as text.</summary>
    string Identity { get; }

    /// <summary>The scorer whose stored values these are; null where they are read or made anew in every build.</summary>
    IScorer? Scorer => null;

    /// <summary>Fills in the value, or the reason why there is none, of every record that entered.</summary>
    ScoringFacts Fill(StageContext context, Scores scores);
}
