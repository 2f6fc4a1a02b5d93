using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Where a stage's numbers come from.</summary>
internal interface IValueSource
{
    /// <summary>All that determines the values besides the records, as text.</summary>
    string Identity { get; }

    /// <summary>Fills in the value, or the reason why there is none, of every record that entered.</summary>
    ScoringFacts Fill(StageContext context, Scores scores);
}

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

/// <summary>
/// A number in [0, 1) from the seed and the record's key: the same for a record wherever it stands, so that an appended record displaces at most
/// one other. Cheaper to make than to keep.
/// </summary>
internal sealed class KeyHashSource(long seed) : IValueSource
{
    public string Identity => FormattableString.Invariant($"scorer=KeyHash\nseed={seed}\nversion=1\n");

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        foreach (var record in context.Entered)
        {
            scores.State[record] = Scores.HasValue;
            scores.Value[record] = Draw(context.Pool.Keys[record]);
        }

        return default;
    }

    private double Draw(RecordKey key)
    {
        Span<byte> seeded = stackalloc byte[8 + RecordKey.Size];
        BinaryPrimitives.WriteInt64LittleEndian(seeded, seed);
        key.Write(seeded[8..]);
        return (XxHash64.Hash(seeded) >> 11) * (1.0 / (1UL << 53));
    }
}

/// <summary>A numeric field of the raw record.</summary>
internal sealed class FieldSource(string name) : IValueSource
{
    public string Identity => $"scorer=Field\nfield={name}\nversion=1\n";

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        FieldReader.Read(context, name, context.Entered, (record, value) =>
        {
            scores.Value[record] = value.Number;
            scores.State[record] = value.Kind switch
            {
                RawKind.Number => Scores.HasValue,
                RawKind.Text => (byte)MissingReason.NotANumber,
                _ => (byte)MissingReason.NoField,
            };
        });
        return default;
    }
}
