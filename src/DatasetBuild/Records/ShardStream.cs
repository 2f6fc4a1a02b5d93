using System.Security.Cryptography;

namespace DatasetBuild.Records;

/// <summary>
/// The bytes of a shard from front to back: unpacked where they are gzip (by content, not by suffix), without a byte order mark, and with the
/// SHA-256 of the file itself taken in passing.
/// </summary>
internal sealed class ShardStream : ReadOnlyStream
{
    /// <summary>What is wrong with a shard whose gzip data cannot be unpacked to the end.</summary>
    public const string Damaged = "the gzip data are damaged, cut off, or followed by something else. Get the file again.";

    private readonly FileStream file;
    private readonly HashingStream raw;
    private readonly GzipContent? unpacked;
    private readonly byte[] head = new byte[3];
    private int headLength;
    private int headRead;

    public ShardStream(string path, bool digest)
    {
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        Span<byte> magic = stackalloc byte[2];
        IsGzip = RandomAccess.Read(file.SafeFileHandle, magic, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        raw = new HashingStream(file, digest);
        unpacked = IsGzip ? new GzipContent(raw) : null;
        while (headLength < head.Length && ReadContent(head.AsSpan(headLength)) is var some and > 0)
        {
            headLength += some;
        }

        if (headLength == 3 && head.AsSpan().SequenceEqual<byte>([0xef, 0xbb, 0xbf]))
        {
            ByteOrderMark = 3;
            headLength = 0;
        }
    }

    public bool IsGzip { get; }

    /// <summary>How many bytes of byte order mark were passed over: 0 or 3. Offsets of records count them.</summary>
    public int ByteOrderMark { get; }

    /// <exception cref="InvalidDataException">The gzip data are damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (headRead < headLength)
        {
            var some = Math.Min(buffer.Length, headLength - headRead);
            head.AsSpan(headRead, some).CopyTo(buffer);
            headRead += some;
            return some;
        }

        return ReadContent(buffer);
    }

    /// <summary>How many bytes of the file were read; of packed data fewer than came out.</summary>
    public long BytesRead => raw.BytesRead;

    /// <summary>SHA-256 of the file's bytes, whatever part of them was read so far.</summary>
    public byte[] FinishDigest() => raw.Finish();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unpacked?.Dispose();
            raw.Dispose();
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadContent(Span<byte> buffer) => unpacked is null ? raw.Read(buffer) : unpacked.Read(buffer);

    private sealed class HashingStream(Stream inner, bool digest) : ReadOnlyStream
    {
        private readonly IncrementalHash? hash = digest ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

        public long BytesRead { get; private set; }

        public override int Read(Span<byte> destination)
        {
            var some = inner.Read(destination);
            BytesRead += some;
            hash?.AppendData(destination[..some]);
            return some;
        }

        public byte[] Finish()
        {
            var rest = new byte[1 << 16];
            while (Read(rest.AsSpan()) > 0)
            {
            }

            return hash?.GetHashAndReset() ?? throw new InvalidOperationException("The stream was opened without a digest.");
        }

        protected override void Dispose(bool disposing)
        {
            hash?.Dispose();
            base.Dispose(disposing);
        }
    }
}
