using System.IO.Compression;
using System.Security.Cryptography;

namespace DatasetBuild.Records;

/// <summary>
/// The bytes of a shard from front to back: unpacked where they are gzip (by content, not by suffix), without a byte order mark, and with the
/// SHA-256 of the file itself taken in passing.
/// </summary>
public sealed class ShardStream : IDisposable
{
    private readonly FileStream file;
    private readonly HashingStream raw;
    private readonly Stream content;
    private readonly byte[] head = new byte[3];
    private int headLength;
    private int headRead;

    public ShardStream(string path, bool digest)
    {
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        Span<byte> magic = stackalloc byte[2];
        IsGzip = RandomAccess.Read(file.SafeFileHandle, magic, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        raw = new HashingStream(file, digest);
        content = IsGzip ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        headLength = content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
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
    public int Read(Span<byte> buffer)
    {
        if (headRead < headLength)
        {
            var some = Math.Min(buffer.Length, headLength - headRead);
            head.AsSpan(headRead, some).CopyTo(buffer);
            headRead += some;
            return some;
        }

        return content.Read(buffer);
    }

    /// <summary>SHA-256 of the file's bytes, whatever part of them was read so far.</summary>
    public byte[] FinishDigest() => raw.Finish();

    public void Dispose()
    {
        content.Dispose();
        raw.Dispose();
        file.Dispose();
    }

    private sealed class HashingStream(Stream inner, bool digest) : Stream
    {
        private readonly IncrementalHash? hash = digest ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var some = inner.Read(buffer);
            hash?.AppendData(buffer[..some]);
            return some;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public byte[] Finish()
        {
            var rest = new byte[1 << 16];
            while (Read(rest) > 0)
            {
            }

            return hash?.GetHashAndReset() ?? throw new InvalidOperationException("The stream was opened without a digest.");
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            hash?.Dispose();
            base.Dispose(disposing);
        }
    }
}
