using System.IO.Compression;

namespace DatasetBuild.Records;

/// <summary>
/// The content of a gzip file of one or more members. .NET takes a file that was cut off for one that ends there; so one more member, known to us,
/// is put behind the file, and only where it comes out at the end was all before it whole.
/// </summary>
internal sealed class GzipContent : IDisposable
{
    private static readonly byte[] Mark = [0x9d, 0x41, 0xe7, 0x03, 0x5c, 0xb8, 0x2f, 0x76, 0xd1, 0x0a, 0x88, 0x63, 0xfe, 0x17, 0xc5, 0x3b];
    private static readonly byte[] PackedMark = Pack(Mark);

    private readonly GZipStream unpacked;
    private readonly byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    public GzipContent(Stream packed) => unpacked = new GZipStream(new Followed(packed), CompressionMode.Decompress);

    /// <exception cref="InvalidDataException">The file is damaged, cut off, or something else stands behind its members.</exception>
    public int Read(Span<byte> destination)
    {
        // The last bytes are held back until it is clear whether they are the mark.
        while (end - start <= Mark.Length)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
            var read = unpacked.Read(buffer.AsSpan(end));
            end += read;
            if (read == 0)
            {
                return buffer.AsSpan(start, end - start).SequenceEqual(Mark)
                    ? 0
                    : throw new InvalidDataException("the file ends inside the packed data, or something else stands behind them");
            }
        }

        var some = Math.Min(destination.Length, end - start - Mark.Length);
        buffer.AsSpan(start, some).CopyTo(destination);
        start += some;
        return some;
    }

    public void Dispose() => unpacked.Dispose();

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>The file's bytes, then the packed mark.</summary>
    private sealed class Followed(Stream file) : ReadOnlyStream
    {
        private int marked = -1;

        public override int Read(Span<byte> destination)
        {
            if (marked < 0)
            {
                var some = file.Read(destination);
                if (some > 0 || destination.IsEmpty)
                {
                    return some;
                }

                marked = 0;
            }

            var rest = PackedMark.AsSpan(marked);
            rest = rest[..Math.Min(rest.Length, destination.Length)];
            rest.CopyTo(destination);
            marked += rest.Length;
            return rest.Length;
        }
    }
}
