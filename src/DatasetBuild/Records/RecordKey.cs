using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace DatasetBuild.Records;

/// <summary>
/// Identifies a record by what a model could see of it: the first 16 bytes of SHA-256 over the canonical conversation.
/// Never a path, a position, an id or a time. Ordered as its bytes are.
/// </summary>
public readonly record struct RecordKey(ulong High, ulong Low) : IComparable<RecordKey>
{
    public const int Size = 16;

    // One for each thread: to make a new one for each record takes a quarter of the hashing.
    [ThreadStatic]
    private static IncrementalHash? sha256;

    /// <summary>The key of one canonical conversation (the bytes that <see cref="CanonicalWriter"/> wrote).</summary>
    public static RecordKey Of(ReadOnlySpan<byte> canonical)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha256.AppendData(canonical);
        sha256.GetHashAndReset(hash);
        return Read(hash);
    }

    public static RecordKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>Reads the 32 hexadecimal digits that <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out RecordKey key)
    {
        key = default;
        if (text.Length != 32
            || !ulong.TryParse(text[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(text[16..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        key = new RecordKey(high, low);
        return true;
    }

    public int CompareTo(RecordKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    // Said out: the comparison that the compiler would write asks a comparer for each half.
    public bool Equals(RecordKey other) => High == other.High && Low == other.Low;

    public override int GetHashCode() => (int)High;

    public override string ToString() => $"{High:x16}{Low:x16}";

    public static bool operator <(RecordKey left, RecordKey right) => left.CompareTo(right) < 0;

    public static bool operator >(RecordKey left, RecordKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(RecordKey left, RecordKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RecordKey left, RecordKey right) => left.CompareTo(right) >= 0;
}
