using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// The output head: reads single logits and the log of the sum of exponentials over the whole vocabulary, 192 words at a time with a running maximum, so that logits are never stored. One thread's.
/// </summary>
internal sealed unsafe class LogitReader(MatrixProduct product) : IDisposable
{
    private const int ChunkPanels = 4;
    private const int ChunkWidth = ChunkPanels * PackedMatrix.PanelWidth;

    private readonly PackedRows packed = new();
    private readonly NativeBuffer chunk = new((long)PackedRows.MaxRows * ChunkWidth * sizeof(float));
    private readonly float[] largest = new float[PackedRows.MaxRows];
    private readonly double[] sums = new double[PackedRows.MaxRows];

    /// <param name="states">Hidden states behind the last norm, <c>count x head.Inputs</c> values.</param>
    /// <param name="count">At most <see cref="PackedRows.MaxRows"/>.</param>
    /// <param name="head">One row a word of the vocabulary.</param>
    /// <param name="cap">A soft cap on logits; 0: none.</param>
    /// <param name="words">Ids whose logits are read: as many for each state, one state's after the other's.</param>
    /// <param name="logits">Their logits, in the order of <paramref name="words"/>.</param>
    /// <param name="logSums">For each state the log of the sum of exponentials of all logits.</param>
    public void Read(float* states, int count, PackedMatrix head, float cap, ReadOnlySpan<int> words, Span<double> logits, Span<double> logSums)
    {
        packed.Pack(states, head.Inputs, count, head.Inputs);
        Array.Fill(largest, float.NegativeInfinity, 0, count);
        Array.Clear(sums, 0, count);
        var wordsOfState = count == 0 ? 0 : words.Length / count;
        for (var panel = 0; panel < head.Panels; panel += ChunkPanels)
        {
            var first = panel * PackedMatrix.PanelWidth;
            var width = Math.Min(ChunkWidth, head.Outputs - first);
            product.Multiply(packed, head, panel, Math.Min(ChunkPanels, head.Panels - panel), chunk.Floats, ChunkWidth);
            for (var state = 0; state < count; state++)
            {
                var row = chunk.Floats + (state * ChunkWidth);
                if (cap != 0)
                {
                    Rows.Cap(row, cap, width);
                }

                for (var i = state * wordsOfState; i < (state + 1) * wordsOfState; i++)
                {
                    if ((uint)(words[i] - first) < (uint)width)
                    {
                        logits[i] = row[words[i] - first];
                    }
                }

                Add(row, width, ref largest[state], ref sums[state]);
            }
        }

        for (var state = 0; state < count; state++)
        {
            logSums[state] = largest[state] + Elementary.Log(sums[state]);
        }
    }

    public void Dispose()
    {
        packed.Dispose();
        chunk.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* row, int width, ref float largest, ref double sum)
    {
        var candidates = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < width; i += Lanes.Count)
        {
            candidates = Lanes.Larger(candidates, Lanes.Load(row + i, width - i, float.NegativeInfinity));
        }

        var found = Lanes.Max(candidates);
        if (found > largest)
        {
            sum *= float.IsNegativeInfinity(largest) ? 0 : Elementary.Exp(Math.Max(largest - (double)found, -700));
            largest = found;
        }

        var max = Vector512.Create(largest);
        var lanes = Vector512<float>.Zero;
        var whole = width & ~(Lanes.Count - 1);
        for (var i = 0; i < whole; i += Lanes.Count)
        {
            lanes += Exponential.Exp(Vector512.Load(row + i) - max);
        }

        if (whole < width)
        {
            var rest = Lanes.Load(row + whole, width - whole, float.NegativeInfinity);
            var shares = Exponential.Exp(rest - max);
            lanes += Vector512.ConditionalSelect(Vector512.Equals(rest, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, shares);
        }

        sum += Lanes.Sum(lanes);
    }
}
