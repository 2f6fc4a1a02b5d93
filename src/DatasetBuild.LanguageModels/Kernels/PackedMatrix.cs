using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// A weight matrix of <c>outputs x inputs</c> in the order in which a product reads it: panels of 48 outputs, each <c>[inputs][48]</c>, in the precision in which the weights are
/// stored. The last panel is filled up with zeros.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>Outputs of one panel: three registers of sixteen lanes.</summary>
    public const int PanelWidth = 48;

    private readonly NativeBuffer buffer;

    public PackedMatrix(int outputs, int inputs, ElementType type)
    {
        Outputs = outputs;
        Inputs = inputs;
        Type = type;
        Panels = (outputs + PanelWidth - 1) / PanelWidth;
        buffer = new NativeBuffer(checked((long)Panels * PanelWidth * inputs * type.Size()));
        if (outputs % PanelWidth != 0)
        {
            var last = (long)(Panels - 1) * PanelWidth * inputs * type.Size();
            new Span<byte>((byte*)buffer.Floats + last, PanelWidth * inputs * type.Size()).Clear();
        }
    }

    public int Outputs { get; }

    public int Inputs { get; }

    public int Panels { get; }

    public ElementType Type { get; }

    public long Bytes => buffer.Bytes;

    /// <summary>Puts rows, each the weights of one output, in their place.</summary>
    /// <param name="rows"><c>count x inputs</c> stored elements.</param>
    /// <param name="first">The output that the first row belongs to.</param>
    /// <param name="count">How many rows.</param>
    public void SetRows(ReadOnlySpan<byte> rows, int first, int count)
    {
        fixed (byte* source = rows)
        {
            if (Type == ElementType.Float32)
            {
                Scatter((float*)source, buffer.Floats, first, count);
            }
            else
            {
                Scatter((ushort*)source, buffer.Halves, first, count);
            }
        }
    }

    /// <summary>Puts rows of a transposed matrix in their place: each holds the weights of one input.</summary>
    /// <param name="rows"><c>count x outputs</c> stored elements.</param>
    /// <param name="first">The input that the first row belongs to.</param>
    /// <param name="count">How many rows.</param>
    public void SetTransposedRows(ReadOnlySpan<byte> rows, int first, int count)
    {
        var size = Type.Size();
        fixed (byte* source = rows)
        {
            for (var row = 0; row < count; row++)
            {
                for (var panel = 0; panel < Panels; panel++)
                {
                    var width = Math.Min(PanelWidth, Outputs - (panel * PanelWidth)) * size;
                    var target = (byte*)buffer.Floats + ((((long)panel * Inputs) + first + row) * PanelWidth * size);
                    Buffer.MemoryCopy(source + ((((long)row * Outputs) + ((long)panel * PanelWidth)) * size), target, width, width);
                }
            }
        }
    }

    /// <summary>The weights of one output, widened.</summary>
    public void CopyRow(int output, float* target)
    {
        var start = ((long)(output / PanelWidth) * Inputs * PanelWidth) + (output % PanelWidth);
        if (Type == ElementType.Float32)
        {
            var source = buffer.Floats + start;
            for (var k = 0; k < Inputs; k++)
            {
                target[k] = source[(long)k * PanelWidth];
            }
        }
        else
        {
            var source = buffer.Halves + start;
            for (var k = 0; k < Inputs; k++)
            {
                target[k] = ElementTypes.Widen(source[(long)k * PanelWidth], Type);
            }
        }
    }

    /// <summary>A piece of a panel in float32.</summary>
    /// <param name="panel">Which one.</param>
    /// <param name="start">Its first input.</param>
    /// <param name="count">Inputs of the piece.</param>
    /// <param name="scratch">Room for <c>count x 48</c> values, used where the weights are narrower.</param>
    public float* Piece(int panel, int start, int count, float* scratch)
    {
        var at = (((long)panel * Inputs) + start) * PanelWidth;
        switch (Type)
        {
            case ElementType.Float32:
                return buffer.Floats + at;
            case ElementType.BFloat16:
                WidenBFloat16(buffer.Halves + at, scratch, count * PanelWidth);
                return scratch;
            default:
                WidenFloat16(buffer.Halves + at, scratch, count * PanelWidth);
                return scratch;
        }
    }

    public void Dispose() => buffer.Dispose();

    /// <summary>Rows become columns of panels, some inputs at a time, so that what is written stays in the nearest cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter<T>(T* source, T* target, int first, int count)
        where T : unmanaged
    {
        const int Block = 32;
        const int Side = 8;
        for (var row = 0; row < count;)
        {
            var output = first + row;
            var column = output % PanelWidth;
            var rows = Math.Min(PanelWidth - column, count - row);
            var panel = target + ((long)(output / PanelWidth) * Inputs * PanelWidth) + column;
            for (var k = 0; k < Inputs; k += Block)
            {
                var inputs = Math.Min(Block, Inputs - k);
                var r = 0;
                if (typeof(T) == typeof(float))
                {
                    for (; r + Side <= rows; r += Side)
                    {
                        Transposition.Run((float*)source + ((long)(row + r) * Inputs) + k, Inputs, inputs, Side, (float*)panel + ((long)k * PanelWidth) + r, PanelWidth);
                    }
                }

                for (; r < rows; r++)
                {
                    var from = source + ((long)(row + r) * Inputs) + k;
                    var to = panel + ((long)k * PanelWidth) + r;
                    for (var i = 0; i < inputs; i++)
                    {
                        to[i * PanelWidth] = from[i];
                    }
                }
            }

            row += rows;
        }
    }

    /// <param name="source">Stored elements.</param>
    /// <param name="target">Their values.</param>
    /// <param name="count">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenBFloat16(ushort* source, float* target, int count)
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(source + i));
            Vector256.ShiftLeft(lower, 16).AsSingle().Store(target + i);
            Vector256.ShiftLeft(upper, 16).AsSingle().Store(target + i + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenFloat16(ushort* source, float* target, int count)
    {
        // A half's exponent and fraction, moved to where a float has them, are 2^112 too small; numbers without a leading one come out right as well.
        var scale = Vector256.Create(5.192296858534828e33f);
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Load(source + i));
            Widened(lower, scale).Store(target + i);
            Widened(upper, scale).Store(target + i + 8);
        }

        static Vector256<float> Widened(Vector256<uint> half, Vector256<float> scale)
        {
            var size = Vector256.ShiftLeft(half & Vector256.Create(0x7fffu), 13).AsSingle() * scale;
            size = Vector256.ConditionalSelect(
                Vector256.GreaterThanOrEqual(size, Vector256.Create(65536f)), (size.AsUInt32() | Vector256.Create(0x7f800000u)).AsSingle(), size);
            return (size.AsUInt32() | Vector256.ShiftLeft(half & Vector256.Create(0x8000u), 16)).AsSingle();
        }
    }
}
