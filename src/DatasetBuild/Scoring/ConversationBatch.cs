using System.Buffers;
using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>A number of canonical conversations side by side: what a scorer is fed. Reused from batch to batch.</summary>
public sealed class ConversationBatch : IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(1 << 20);
    private readonly List<int> ends = [];

    public int Count => ends.Count;

    /// <summary>The size of all conversations, in bytes.</summary>
    public int Bytes => ends.Count == 0 ? 0 : ends[^1];

    public Conversation this[int index] => new(Canonical(index));

    public ReadOnlySpan<byte> Canonical(int index)
    {
        var start = index == 0 ? 0 : ends[index - 1];
        return bytes.AsSpan(start, ends[index] - start);
    }

    public void Add(ReadOnlySpan<byte> canonical)
    {
        var used = Bytes;
        if (bytes.Length - used < canonical.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked((int)Math.Max((long)bytes.Length * 2, (long)used + canonical.Length)));
            bytes.AsSpan(0, used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        canonical.CopyTo(bytes.AsSpan(used));
        ends.Add(used + canonical.Length);
    }

    public void Clear() => ends.Clear();

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        ends.Clear();
    }
}
