namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Activations times weights. One thread's: it owns the memory that products need besides.</summary>
internal sealed unsafe class MatrixProduct(SimdPath path) : IDisposable
{
    private const int TileSize = PackedRows.GroupHeight * PackedMatrix.PanelWidth;

    private readonly PackedRows packed = new();
    private readonly NativeBuffer scratch = new(((long)PackedRows.BlockInputs * PackedMatrix.PanelWidth + TileSize) * sizeof(float));

    public SimdPath Path => path;

    /// <summary>target[i, o] = sum over k, in order, of rows[i, k] weights[o, k].</summary>
    /// <param name="rows"><c>count x weights.Inputs</c> values.</param>
    /// <param name="rowStride">Values from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="weights">The matrix.</param>
    /// <param name="target"><c>count x weights.Outputs</c> values; not the memory of <paramref name="rows"/>.</param>
    /// <param name="targetStride">Values from one row of the target to the next.</param>
    public void Multiply(float* rows, long rowStride, int count, PackedMatrix weights, float* target, long targetStride)
    {
        for (var first = 0; first < count; first += PackedRows.MaxRows)
        {
            var height = Math.Min(PackedRows.MaxRows, count - first);
            packed.Pack(rows + (first * rowStride), rowStride, height, weights.Inputs);
            Multiply(packed, weights, 0, weights.Panels, target + (first * targetStride), targetStride);
        }
    }

    /// <summary>The same for rows that are packed already and some of the panels, whose outputs stand at the start of each row of the target.</summary>
    public void Multiply(PackedRows rows, PackedMatrix weights, int firstPanel, int panels, float* target, long targetStride)
    {
        for (var start = 0; start < weights.Inputs; start += PackedRows.BlockInputs)
        {
            var inputs = Math.Min(PackedRows.BlockInputs, weights.Inputs - start);
            for (var panel = firstPanel; panel < firstPanel + panels; panel++)
            {
                var piece = weights.Piece(panel, start, inputs, scratch.Floats + TileSize);
                var width = Math.Min(PackedMatrix.PanelWidth, weights.Outputs - (panel * PackedMatrix.PanelWidth));
                var column = target + ((long)(panel - firstPanel) * PackedMatrix.PanelWidth);
                for (var group = 0; group < rows.Groups; group++)
                {
                    var height = Math.Min(PackedRows.GroupHeight, rows.Count - (group * PackedRows.GroupHeight));
                    var to = column + (group * PackedRows.GroupHeight * targetStride);
                    if (height == PackedRows.GroupHeight && width == PackedMatrix.PanelWidth)
                    {
                        Tile.Multiply(path, rows.Group(group, start), piece, inputs, to, targetStride, width, goesOn: start > 0);
                    }
                    else
                    {
                        MultiplyEdge(rows.Group(group, start), piece, inputs, to, targetStride, height, width, goesOn: start > 0);
                    }
                }
            }
        }
    }

    public void Dispose()
    {
        packed.Dispose();
        scratch.Dispose();
    }

    /// <summary>A tile of which the target holds a part only.</summary>
    private void MultiplyEdge(float* rows, float* piece, int inputs, float* target, long stride, int height, int width, bool goesOn)
    {
        var whole = scratch.Floats;
        if (goesOn)
        {
            Copy(target, stride, whole, PackedMatrix.PanelWidth, height, width);
        }

        Tile.Multiply(path, rows, piece, inputs, whole, PackedMatrix.PanelWidth, width, goesOn);
        Copy(whole, PackedMatrix.PanelWidth, target, stride, height, width);
    }

    private static void Copy(float* source, long sourceStride, float* target, long targetStride, int height, int width)
    {
        for (var row = 0; row < height; row++)
        {
            new ReadOnlySpan<float>(source + (row * sourceStride), width).CopyTo(new Span<float>(target + (row * targetStride), width));
        }
    }
}
