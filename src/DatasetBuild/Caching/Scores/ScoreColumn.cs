using System.Security.Cryptography;

namespace DatasetBuild.Caching;

/// <summary>
/// One scorer's values for the records of one shard, in the shard's order: a copy of what the score store knows of them, so that a warm build
/// reads a stretch of bytes instead of joining keys. Derived data under the hash of the scorer's identity, of the generation of its stored values, and
/// of the shard's index; records that never reached the scorer have the state 0, and the store is asked for them. So two columns of one name may know more or less, never other
/// values: whichever was written last costs at most a look-up.
/// </summary>
public sealed class ScoreColumn : IDisposable
{
    private const string Kind = "score-column";
    private const int Version = 1;

    private readonly int width;
    private readonly RentedBytes states;
    private readonly RentedBytes values;

    /// <summary>A column without any value.</summary>
    /// <param name="width">Bytes of a value.</param>
    /// <param name="count">How many records the shard has.</param>
    public ScoreColumn(int width, int count)
        : this(width, count, isCleared: true)
    {
    }

    private ScoreColumn(int width, int count, bool isCleared)
    {
        this.width = width;
        states = new RentedBytes(count);
        values = new RentedBytes(checked(count * width));
        if (isCleared)
        {
            states.Span.Clear();
            values.Span.Clear();
        }
    }

    /// <summary>All values, also those of records without one.</summary>
    public ReadOnlySpan<byte> Values => values.Span;

    /// <summary>What is known of one record: 0 nothing, 1 a value, otherwise why there is none.</summary>
    public byte StateOf(int record) => states.Span[record];

    /// <summary>The kept column, or null where there is none or it is damaged.</summary>
    /// <param name="derived">Where it is kept.</param>
    /// <param name="identity">The scorer.</param>
    /// <param name="generation">That of the stored values.</param>
    /// <param name="width">Bytes of a value.</param>
    /// <param name="indexHash">Names the shard's index.</param>
    /// <param name="count">How many records the shard has.</param>
    public static ScoreColumn? TryLoad(DerivedData derived, ScorerIdentity identity, Guid generation, int width, ReadOnlySpan<byte> indexHash, int count)
    {
        if (!derived.TryOpen(Kind, Version, HashOf(identity, generation, indexHash), out var reader))
        {
            return null;
        }

        using (reader)
        {
            var column = new ScoreColumn(width, count, isCleared: false);
            if (reader.Length == column.states.Length + (long)column.values.Length && reader.TryRead(0, column.states.Span) && reader.TryRead(count, column.values.Span))
            {
                return column;
            }

            column.Dispose();
            return null;
        }
    }

    /// <summary>
    /// Copies the states of the records that a stage is asked about: 0 where no value is known, 1 where one is, otherwise why there is none.
    /// </summary>
    /// <param name="dropped">0 for each record that is asked about.</param>
    /// <param name="destination">0 for all others.</param>
    /// <returns>How many of them are not known.</returns>
    public int CopyStates(ReadOnlySpan<byte> dropped, Span<byte> destination)
    {
        var unknown = 0;
        var known = states.Span;
        for (var i = 0; i < known.Length; i++)
        {
            var isAsked = dropped[i] == 0;
            destination[i] = isAsked ? known[i] : (byte)0;
            unknown += isAsked && known[i] == 0 ? 1 : 0;
        }

        return unknown;
    }

    public void Set(int record, byte state, ReadOnlySpan<byte> value)
    {
        states.Span[record] = state;
        value.CopyTo(values.Span[(record * width)..]);
    }

    /// <summary>Takes over what another column of the same scorer knows of a stretch of records.</summary>
    public void CopyFrom(ScoreColumn other, int otherFirst, int first, int count)
    {
        other.states.Span.Slice(otherFirst, count).CopyTo(states.Span[first..]);
        other.values.Span.Slice(otherFirst * width, count * width).CopyTo(values.Span[(first * width)..]);
    }

    public void Save(DerivedData derived, ScorerIdentity identity, Guid generation, ReadOnlySpan<byte> indexHash) =>
        derived.Write(Kind, Version, HashOf(identity, generation, indexHash), writer =>
        {
            writer.Write(states.Span);
            writer.Write(values.Span);
        });

    public void Dispose()
    {
        states.Dispose();
        values.Dispose();
    }

    private static byte[] HashOf(ScorerIdentity identity, Guid generation, ReadOnlySpan<byte> indexHash) =>
        SHA256.HashData([.. identity.Digest, .. generation.ToByteArray(bigEndian: true), .. indexHash]);
}
