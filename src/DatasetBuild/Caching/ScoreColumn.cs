using System.Security.Cryptography;

namespace DatasetBuild.Caching;

/// <summary>
/// One scorer's values for the records of one shard, in the shard's order: a copy of what the score store knows of them, so that a warm build
/// reads a stretch of bytes instead of joining keys. Derived data under the hash of the scorer's identity and the shard's index; records that
/// never reached the scorer have the state 0, and the store is asked for them. So two columns of one name may know more or less, never other
/// values: whichever was written last costs at most a look-up.
/// </summary>
public sealed class ScoreColumn
{
    private const string Kind = "score-column";
    private const int Version = 1;

    private readonly int width;
    private readonly byte[] states;
    private readonly byte[] values;

    private ScoreColumn(int width, byte[] states, byte[] values)
    {
        this.width = width;
        this.states = states;
        this.values = values;
    }

    /// <summary>The kept column, or one without any value.</summary>
    /// <param name="derived">Where it is kept.</param>
    /// <param name="identity">The scorer.</param>
    /// <param name="width">Bytes of a value.</param>
    /// <param name="indexHash">Names the shard's index.</param>
    /// <param name="count">How many records the shard has.</param>
    public static ScoreColumn Load(DerivedData derived, ScorerIdentity identity, int width, ReadOnlySpan<byte> indexHash, int count)
    {
        var states = new byte[count];
        var values = new byte[count * width];
        if (derived.TryOpen(Kind, Version, HashOf(identity, indexHash), out var reader))
        {
            using (reader)
            {
                if (reader.Length == states.Length + (long)values.Length && reader.TryRead(0, states) && reader.TryRead(count, values))
                {
                    return new ScoreColumn(width, states, values);
                }
            }

            Array.Clear(states);
            Array.Clear(values);
        }

        return new ScoreColumn(width, states, values);
    }

    /// <summary>0 where no value is known, 1 where one is, otherwise why there is none.</summary>
    public byte State(int record) => states[record];

    public ReadOnlySpan<byte> Value(int record) => values.AsSpan(record * width, width);

    public void Set(int record, byte state, ReadOnlySpan<byte> value)
    {
        states[record] = state;
        value.CopyTo(values.AsSpan(record * width));
    }

    public void Save(DerivedData derived, ScorerIdentity identity, ReadOnlySpan<byte> indexHash) =>
        derived.Write(Kind, Version, HashOf(identity, indexHash), writer =>
        {
            writer.Write(states);
            writer.Write(values);
        });

    private static byte[] HashOf(ScorerIdentity identity, ReadOnlySpan<byte> indexHash) => SHA256.HashData([.. identity.Digest, .. indexHash]);
}
