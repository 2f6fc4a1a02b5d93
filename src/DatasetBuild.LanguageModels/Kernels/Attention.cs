using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>What tells the attention of one layer from another's.</summary>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KeyValueHeads">Heads of keys and values, of which each serves as many heads of queries (GQA, arXiv 2305.13245).</param>
/// <param name="Size">Dimensions of a head.</param>
/// <param name="Scale">What scores are multiplied by.</param>
/// <param name="Cap">A soft cap on scores; 0: none.</param>
/// <param name="Window">A token sees itself and the <c>Window - 1</c> before it; 0: all before it.</param>
internal readonly record struct AttentionShape(int Heads, int KeyValueHeads, int Size, float Scale, float Cap, int Window)
{
    /// <summary>Values of a token: queries, then keys, then values.</summary>
    public int Width => (Heads + (2 * KeyValueHeads)) * Size;
}

/// <summary>
/// Causal attention over one sequence: eight queries at a time against all keys they see, so that scores of eight rows exist at once and never the whole matrix. One thread's.
/// </summary>
internal sealed unsafe class Attention(SimdPath path) : IDisposable
{
    private const int Group = PackedRows.GroupHeight;
    private const int Panel = PackedMatrix.PanelWidth;

    private NativeBuffer? memory;
    private float* keys; // panels of [size][48], one for 48 keys
    private float* values; // panels of [length][48], one for 48 dimensions
    private float* queries; // [size][8]
    private float* scores; // 8 rows
    private float* shares; // [length][8]
    private float* tile; // 8 x 48

    /// <summary>target[i] = sum over the keys j that i sees of softmax(q_i k_j) v_j, for each head.</summary>
    /// <param name="shape">The layer's.</param>
    /// <param name="tokens"><c>length x shape.Width</c> values. The queries are scaled in place.</param>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="target"><c>length x (Heads x Size)</c> values.</param>
    public void Attend(in AttentionShape shape, float* tokens, int length, float* target)
    {
        Reserve(length, shape.Size);
        for (var i = 0; i < length; i++)
        {
            Rows.Scale(tokens + ((long)i * shape.Width), shape.Scale, shape.Heads * shape.Size);
        }

        var shared = shape.Heads / shape.KeyValueHeads;
        for (var pair = 0; pair < shape.KeyValueHeads; pair++)
        {
            PackKeys(tokens + ((long)(shape.Heads + pair) * shape.Size), shape, length);
            PackValues(tokens + ((long)(shape.Heads + shape.KeyValueHeads + pair) * shape.Size), shape, length);
            for (var head = pair * shared; head < (pair + 1) * shared; head++)
            {
                for (var first = 0; first < length; first += Group)
                {
                    Attend(shape, tokens + ((long)first * shape.Width) + ((long)head * shape.Size), first, Math.Min(Group, length - first), length, target + ((long)first * shape.Heads * shape.Size) + ((long)head * shape.Size));
                }
            }
        }
    }

    public void Dispose() => memory?.Dispose();

    private void Attend(in AttentionShape shape, float* query, int first, int count, int length, float* target)
    {
        // Keys from `from`, the start of a panel, up to the last query's own.
        var from = shape.Window == 0 ? 0 : Math.Max(0, first - shape.Window + 1) / Panel * Panel;
        var seen = first + count - from;
        var panels = (seen + Panel - 1) / Panel;
        var stride = (long)panels * Panel;
        PackedRows.PackGroup(query, shape.Width, shape.Size, count, queries);
        for (var panel = 0; panel < panels; panel++)
        {
            Tile.Multiply(path, queries, keys + (((long)from / Panel + panel) * shape.Size * Panel), shape.Size, scores + (panel * Panel), stride, Panel, goesOn: false);
        }

        for (var row = 0; row < count; row++)
        {
            var last = first + row;
            var lowest = shape.Window == 0 ? 0 : Math.Max(0, last - shape.Window + 1);
            Share(scores + (row * stride), lowest - from, last + 1 - from, (int)stride, shape.Cap);
        }

        PackedRows.PackGroup(scores, stride, seen, count, shares);
        for (var start = 0; start < shape.Size; start += Panel)
        {
            var width = Math.Min(Panel, shape.Size - start);
            Tile.Multiply(path, shares, values + ((((long)start / Panel * length) + from) * Panel), seen, tile, Panel, width, goesOn: false);
            for (var row = 0; row < count; row++)
            {
                new ReadOnlySpan<float>(tile + (row * Panel), width).CopyTo(new Span<float>(target + ((long)row * shape.Heads * shape.Size) + start, width));
            }
        }
    }

    /// <summary>Scores of one query become shares that sum to 1; those outside [lowest, end) become 0. A lane holds the keys of one remainder by sixteen, wherever the row starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Share(float* row, int lowest, int end, int width, float cap)
    {
        var start = lowest / Lanes.Count * Lanes.Count;
        var stop = (end + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        if (cap != 0)
        {
            Rows.Cap(row + start, cap, stop - start);
        }

        var nothing = Vector512.Create(float.NegativeInfinity);
        for (var i = start; i < lowest; i++)
        {
            row[i] = float.NegativeInfinity;
        }

        for (var i = end; i < stop; i++)
        {
            row[i] = float.NegativeInfinity;
        }

        var largest = nothing;
        for (var i = start; i < stop; i += Lanes.Count)
        {
            largest = Lanes.Larger(largest, Vector512.Load(row + i));
        }

        var max = Vector512.Create(Lanes.Max(largest));
        var sum = Vector512<float>.Zero;
        for (var i = start; i < stop; i += Lanes.Count)
        {
            var score = Vector512.Load(row + i);
            var share = Vector512.ConditionalSelect(Vector512.Equals(score, nothing), Vector512<float>.Zero, Exponential.Exp(score - max));
            share.Store(row + i);
            sum += share;
        }

        Rows.Scale(row + start, 1 / Lanes.Sum(sum), stop - start);
        new Span<float>(row, start).Clear();
        new Span<float>(row + stop, width - stop).Clear();
    }

    private void PackKeys(float* source, in AttentionShape shape, int length)
    {
        for (var panel = 0; panel * Panel < length; panel++)
        {
            var to = keys + ((long)panel * shape.Size * Panel);
            var first = panel * Panel;
            if (length - first < Panel)
            {
                new Span<float>(to, shape.Size * Panel).Clear();
            }

            for (var token = first; token < Math.Min(first + Panel, length); token += Group)
            {
                Transposition.Run(source + ((long)token * shape.Width), shape.Width, shape.Size, Math.Min(Group, length - token), to + (token - first), Panel);
            }
        }
    }

    private void PackValues(float* source, in AttentionShape shape, int length)
    {
        for (var start = 0; start < shape.Size; start += Panel)
        {
            var width = Math.Min(Panel, shape.Size - start);
            var to = values + ((long)start / Panel * length * Panel);
            for (var token = 0; token < length; token++, to += Panel)
            {
                new ReadOnlySpan<float>(source + ((long)token * shape.Width) + start, width).CopyTo(new Span<float>(to, width));
                new Span<float>(to + width, Panel - width).Clear();
            }
        }
    }

    private void Reserve(int length, int size)
    {
        var panels = (length + Panel - 1) / Panel;
        long keyCount = (long)panels * size * Panel, valueCount = (long)((size + Panel - 1) / Panel) * length * Panel;
        long queryCount = (long)size * Group, scoreCount = (long)panels * Panel * Group;
        var bytes = (keyCount + valueCount + queryCount + (2 * scoreCount) + (Group * Panel)) * sizeof(float);
        if (memory is null || memory.Bytes < bytes)
        {
            memory?.Dispose();
            memory = new NativeBuffer(bytes);
        }

        tile = memory.Floats;
        scores = tile + (Group * Panel);
        shares = scores + scoreCount;
        keys = shares + scoreCount;
        values = keys + keyCount;
        queries = values + valueCount;
    }
}
