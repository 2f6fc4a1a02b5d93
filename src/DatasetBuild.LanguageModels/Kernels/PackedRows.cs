namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// Rows of activations in the order in which a product reads them: for each block of inputs, for each group of eight rows, <c>[inputs][8]</c>. The last group is filled up with zeros.
/// </summary>
internal sealed unsafe class PackedRows : IDisposable
{
    /// <summary>Rows of one tile.</summary>
    public const int GroupHeight = 8;

    /// <summary>Inputs of a block: its piece of a panel and eight rows stay in the second-level cache.</summary>
    public const int BlockInputs = 1024;

    /// <summary>Rows that are packed at a time.</summary>
    public const int MaxRows = 192;

    private NativeBuffer? buffer;

    public int Count { get; private set; }

    public int Inputs { get; private set; }

    public int Groups => (Count + GroupHeight - 1) / GroupHeight;

    /// <summary>Packs <paramref name="count"/> rows of <paramref name="inputs"/> values.</summary>
    /// <param name="rows">The first of them.</param>
    /// <param name="stride">Values from one to the next.</param>
    /// <param name="count">At most <see cref="MaxRows"/>.</param>
    /// <param name="inputs">Values of a row.</param>
    public void Pack(float* rows, long stride, int count, int inputs)
    {
        Count = count;
        Inputs = inputs;
        var bytes = (long)MaxRows * inputs * sizeof(float);
        if (buffer is null || buffer.Bytes < bytes)
        {
            buffer?.Dispose();
            buffer = new NativeBuffer(bytes);
        }

        for (var start = 0; start < inputs; start += BlockInputs)
        {
            var width = Math.Min(BlockInputs, inputs - start);
            for (var group = 0; group < Groups; group++)
            {
                var height = Math.Min(GroupHeight, count - (group * GroupHeight));
                var from = rows + (group * GroupHeight * stride) + start;
                var to = Group(group, start);
                PackGroup(from, stride, width, height, to);
            }
        }
    }

    /// <summary>A group's values from input <paramref name="start"/> on, which is a multiple of <see cref="BlockInputs"/>.</summary>
    public float* Group(int group, int start) =>
        buffer!.Floats + ((long)start * Groups * GroupHeight) + ((long)group * GroupHeight * Math.Min(BlockInputs, Inputs - start));

    public void Dispose() => buffer?.Dispose();

    /// <summary>Up to eight rows side by side: target[k, r] = rows[r, k], zeros where there is no row.</summary>
    public static void PackGroup(float* rows, long stride, int width, int height, float* target)
    {
        if (height < GroupHeight)
        {
            new Span<float>(target, width * GroupHeight).Clear();
        }

        Transposition.Run(rows, stride, width, height, target, GroupHeight);
    }
}
