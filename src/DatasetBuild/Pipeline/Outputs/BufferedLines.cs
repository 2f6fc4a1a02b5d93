using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Gathers lines into few large writes.</summary>
/// <param name="file">Takes them.</param>
/// <param name="size">Bytes that are gathered.</param>
/// <param name="beside">Whether another thread hashes a full buffer while the next one is filled.</param>
internal sealed class BufferedLines(CommitStream file, int size, bool beside)
{
    /// <summary>Less is hashed sooner than another thread has begun.</summary>
    private const int LeastBeside = 1 << 16;

    private byte[] buffer = new byte[size];
    private byte[] hashed = beside && size >= LeastBeside ? new byte[size] : [];
    private int used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > buffer.Length - used)
        {
            Flush();
            if (bytes.Length > buffer.Length)
            {
                file.Write(bytes);
                return;
            }
        }

        bytes.CopyTo(buffer.AsSpan(used));
        used += bytes.Length;
    }

    public void Flush()
    {
        if (hashed.Length > 0 && used >= LeastBeside)
        {
            file.WriteHeld(buffer.AsMemory(0, used));
            (buffer, hashed) = (hashed, buffer);
        }
        else
        {
            file.Write(buffer.AsSpan(0, used));
        }

        used = 0;
    }
}
