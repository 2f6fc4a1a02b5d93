using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Numbers of a scorer, kept in the score store.</summary>
internal sealed class ScorerSource(IScorer scorer) : IValueSource
{
    public IReadOnlyList<IScorer> Scorers => [scorer];

    public ScoringFacts Fill(StageContext context, Scores scores) => StoredScores.Read(context, scorer, (first, states, values) =>
    {
        states.CopyTo(scores.State.AsSpan(first));
        var bits = MemoryMarshal.Cast<byte, long>(values);
        for (var i = 0; i < states.Length; i++)
        {
            var value = BitConverter.IsLittleEndian ? bits[i] : BinaryPrimitives.ReverseEndianness(bits[i]);
            scores.Value[first + i] = states[i] == Scores.HasValue ? BitConverter.Int64BitsToDouble(value) : 0;
        }
    });
}
