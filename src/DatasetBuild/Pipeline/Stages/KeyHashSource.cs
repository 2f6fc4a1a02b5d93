using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// A number in [0, 1) from the seed and the record's key: the same for a record wherever it stands, so that an appended record displaces at most
/// one other. Cheaper to make than to keep.
/// </summary>
internal sealed class KeyHashSource(long seed) : IValueSource
{
    public IReadOnlyList<string> Identities => [FormattableString.Invariant($"scorer=KeyHash\nseed={seed}\nversion=1\n")];

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
