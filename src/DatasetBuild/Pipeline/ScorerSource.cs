using System.Buffers.Binary;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Numbers of a scorer, kept in the score store.</summary>
internal sealed class ScorerSource(IScorer scorer) : IValueSource
{
    public string Identity => scorer.Identity.Text;

    public ScoringFacts Fill(StageContext context, Scores scores) => StoredScores.Read(context, scorer, (record, value, state) =>
    {
        scores.State[record] = state;
        scores.Value[record] = state == Scores.HasValue ? BinaryPrimitives.ReadDoubleLittleEndian(value) : 0;
    });
}
