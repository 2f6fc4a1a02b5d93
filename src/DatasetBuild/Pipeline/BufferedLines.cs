namespace DatasetBuild.Pipeline;

/// <summary>Gathers lines into few large writes.</summary>
internal sealed class BufferedLines(Stream file, int size)
{
    private readonly byte[] buffer = new byte[size];
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
        file.Write(buffer.AsSpan(0, used));
        used = 0;
    }
}
