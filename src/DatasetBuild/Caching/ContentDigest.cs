using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DatasetBuild.Caching;

/// <summary>SHA-256 of a file's bytes, 32 bytes.</summary>
public readonly record struct ContentDigest(ulong A, ulong B, ulong C, ulong D)
{
    public const int Size = 32;

    private const int BufferSize = 1 << 18;

    public static ContentDigest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return Read(hash);
    }

    /// <summary>Of a file, or null where it cannot be read.</summary>
    public static ContentDigest? TryOfFile(string path, CancellationToken cancel = default)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var buffer = new RentedBytes(BufferSize);
            long offset = 0;
            for (int some; (some = RandomAccess.Read(file, buffer.Span, offset)) > 0; offset += some)
            {
                cancel.ThrowIfCancellationRequested();
                hash.AppendData(buffer.Span[..some]);
            }

            return Read(hash.GetHashAndReset());
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return null;
        }
    }

    /// <summary>What <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It did not write this.</exception>
    public static ContentDigest Parse(string text)
    {
        var bytes = Convert.FromHexString(text);
        return bytes.Length == Size ? Read(bytes) : throw new FormatException($"'{text}' is no digest.");
    }

    public static ContentDigest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";
}
