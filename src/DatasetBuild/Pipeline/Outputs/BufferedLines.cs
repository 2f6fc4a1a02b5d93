using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Gathers lines into few large writes, all but the last of one size and aligned as <see cref="DirectWriting"/> has them.</summary>
/// <param name="file">Takes them.</param>
/// <param name="size">Bytes that are gathered: a multiple of <see cref="DirectWriting.Alignment"/>.</param>
/// <param name="beside">Whether another thread hashes a full buffer while the next one is filled.</param>
internal sealed class BufferedLines(CommitStream file, int size, bool beside)
{
    /// <summary>Less is hashed sooner than another thread has begun.</summary>
    private const int LeastBeside = 1 << 16;

    private Memory<byte> buffer = DirectWriting.Allocate(size);
    private Memory<byte> hashed = beside && size >= LeastBeside ? DirectWriting.Allocate(size) : Memory<byte>.Empty;
    private int used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        for (int room; bytes.Length > (room = buffer.Length - used); bytes = bytes[room..])
        {
            Take(bytes[..room]);
            Flush();
        }

        Take(bytes);
    }

    public void Flush()
    {
        if (hashed.Length > 0 && used >= LeastBeside)
        {
            file.WriteHeld(buffer[..used]);
            (buffer, hashed) = (hashed, buffer);
        }
        else
        {
            file.Write(buffer.Span[..used]);
        }

        used = 0;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.Span[used..]);
        used += bytes.Length;
    }
}
