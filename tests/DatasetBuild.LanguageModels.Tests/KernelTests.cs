using System.Runtime.Intrinsics;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Tests;

public sealed unsafe class KernelTests
{
    [Fact]
    public void A_product_is_a_chain_of_fused_multiply_adds_in_the_order_of_the_inputs_on_every_path_and_at_every_size()
    {
        var random = new Random(1);
        foreach (var (rows, outputs, inputs) in ((int, int, int)[])[(1, 1, 1), (8, 48, 64), (7, 47, 31), (9, 49, 33), (3, 100, 1024), (13, 5, 1025), (200, 50, 17), (193, 97, 2050)])
        {
            foreach (var type in new[] { ElementType.Float32, ElementType.BFloat16, ElementType.Float16 })
            {
                var weights = Stored(random, outputs * inputs, type, out var values);
                var x = Enumerable.Range(0, rows * inputs).Select(_ => (random.NextSingle() - 0.5f) * 3).ToArray();
                using var packed = new PackedMatrix(outputs, inputs, type);
                packed.SetRows(weights, 0, outputs);
                foreach (var path in Enum.GetValues<SimdPath>().Where(path => path <= SimdPaths.Widest))
                {
                    if (path == SimdPath.Scalar && rows * outputs * inputs > 1_000_000)
                    {
                        continue;
                    }

                    using var product = new MatrixProduct(path);
                    var target = new float[rows * outputs];
                    fixed (float* from = x)
                    fixed (float* to = target)
                    {
                        product.Multiply(from, inputs, rows, packed, to, outputs);
                    }

                    for (var check = 0; check < Math.Min(300, target.Length); check++)
                    {
                        var (row, output) = (random.Next(rows), random.Next(outputs));
                        var sum = 0f;
                        for (var k = 0; k < inputs; k++)
                        {
                            sum = MathF.FusedMultiplyAdd(x[(row * inputs) + k], values[(output * inputs) + k], sum);
                        }

                        target[(row * outputs) + output].ShouldBe(sum, $"{path}, {type}, {rows} x {outputs} x {inputs}");
                    }
                }
            }
        }
    }

    [Fact]
    public void A_matrix_that_is_stored_with_one_row_an_input_is_the_same_matrix()
    {
        var random = new Random(2);
        var weights = Stored(random, 50 * 7, ElementType.BFloat16, out var values);
        var transposed = new byte[weights.Length];
        for (var o = 0; o < 50; o++)
        {
            for (var k = 0; k < 7; k++)
            {
                weights.AsSpan(((o * 7) + k) * 2, 2).CopyTo(transposed.AsSpan(((k * 50) + o) * 2));
            }
        }

        using var matrix = new PackedMatrix(50, 7, ElementType.BFloat16);
        matrix.SetTransposedRows(transposed.AsSpan(0, 3 * 100), 0, 3);
        matrix.SetTransposedRows(transposed.AsSpan(3 * 100), 3, 4);
        var row = new float[7];
        for (var o = 0; o < 50; o++)
        {
            fixed (float* to = row)
            {
                matrix.CopyRow(o, to);
            }

            row.ShouldBe(values[(o * 7)..((o + 1) * 7)]);
        }
    }

    [Fact]
    public void Every_half_and_every_bfloat16_widens_to_its_value()
    {
        foreach (var type in new[] { ElementType.BFloat16, ElementType.Float16 })
        {
            var bits = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
            using var matrix = new PackedMatrix(PackedMatrix.PanelWidth, 65536 / 16, type);
            using var scratch = new NativeBuffer(65536 * 3 * sizeof(float));
            for (var output = 0; output < PackedMatrix.PanelWidth; output++)
            {
                matrix.SetRows(System.Runtime.InteropServices.MemoryMarshal.AsBytes(bits.AsSpan(output % 16 * 4096, 4096)), output, 1);
            }

            var piece = matrix.Piece(0, 0, 4096, scratch.Floats);
            for (var i = 0; i < 65536; i++)
            {
                var expected = type == ElementType.BFloat16 ? BitConverter.UInt32BitsToSingle((uint)i << 16) : (float)BitConverter.UInt16BitsToHalf((ushort)i);
                var actual = piece[(i % 4096 * PackedMatrix.PanelWidth) + (i / 4096)];
                (float.IsNaN(expected) ? float.IsNaN(actual) : actual.Equals(expected)).ShouldBeTrue($"{type} {i:x4}: {actual}, not {expected}");
            }
        }
    }

    [Fact]
    public void Exponentials_are_within_two_units_of_the_last_place()
    {
        for (var x = -87f; x < 88; x += 0.0137f)
        {
            Near(Exponential.Exp(Vector512.Create(x)).GetElement(3), Math.Exp(x), 2);
        }

        for (var x = -12f; x < 12; x += 0.0013f)
        {
            Near(Exponential.Tanh(Vector512.Create(x)).GetElement(9), Math.Tanh(x), 3);
            Near(Exponential.Erf(Vector512.Create(x)).GetElement(0), ErfOf(x), 3);
        }

        Exponential.Exp(Vector512.Create(0f)).GetElement(0).ShouldBe(1);
        Exponential.Exp(Vector512.Create(float.NegativeInfinity)).GetElement(0).ShouldBeLessThan(1.3e-38f);
        foreach (var function in new Func<Vector512<float>, Vector512<float>>[] { Exponential.Exp, Exponential.Tanh, Exponential.Erf })
        {
            function(Vector512.Create(float.NaN)).GetElement(0).ShouldBe(float.NaN);
        }

        Exponential.Erf(Vector512.Create(float.NegativeInfinity)).GetElement(0).ShouldBe(-1);
        Exponential.Tanh(Vector512.Create(1e30f)).GetElement(0).ShouldBe(1);
    }

    [Fact]
    public void Elementary_functions_agree_with_the_library()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var x = Math.Exp((random.NextDouble() - 0.5) * 200);
            Elementary.Log(x).ShouldBe(Math.Log(x), tolerance: 3e-16 * Math.Max(1, Math.Abs(Math.Log(x))));
            var y = (random.NextDouble() - 0.5) * 1300;
            (Elementary.Exp(y) / Math.Exp(y)).ShouldBe(1, tolerance: 1e-15);
            var angle = random.NextDouble() * (i % 2 == 0 ? 10 : 1e6);
            var (sin, cos) = Elementary.SinCos(angle);
            sin.ShouldBe(Math.Sin(angle), tolerance: 1e-15);
            cos.ShouldBe(Math.Cos(angle), tolerance: 1e-15);
        }

        Elementary.SinCos(0).ShouldBe((0, 1));
        Elementary.Log(1).ShouldBe(0);
        Elementary.Log(0).ShouldBe(double.NegativeInfinity);
        Elementary.Log(double.NaN).ShouldBe(double.NaN);
        Elementary.Log(-1).ShouldBe(double.NaN);
        Elementary.Log(double.PositiveInfinity).ShouldBe(double.PositiveInfinity);
    }

    [Fact]
    public void Sums_run_over_sixteen_lanes_and_a_fixed_tree()
    {
        var random = new Random(5);
        foreach (var n in new[] { 1, 15, 16, 17, 33, 100 })
        {
            var x = Enumerable.Range(0, n).Select(_ => random.NextSingle() - 0.3f).ToArray();
            var weight = Enumerable.Range(0, n).Select(_ => random.NextSingle()).ToArray();
            var lanes = new float[16];
            for (var i = 0; i < n; i++)
            {
                lanes[i % 16] = MathF.FusedMultiplyAdd(x[i], x[i], lanes[i % 16]);
            }

            for (var half = 8; half > 1; half /= 2)
            {
                for (var i = 0; i < half; i++)
                {
                    lanes[i] += lanes[i + half];
                }
            }

            var scale = 1 / MathF.Sqrt(((lanes[0] + lanes[1]) / n) + 1e-6f);
            var y = new float[n];
            fixed (float* from = x)
            fixed (float* weights = weight)
            fixed (float* to = y)
            {
                Norms.Rms(from, weights, 1, to, n, 1e-6f);
            }

            y.ShouldBe([.. x.Select((value, i) => value * scale * (weight[i] + 1))]);
        }
    }

    private static byte[] Stored(Random random, int count, ElementType type, out float[] values)
    {
        var bytes = new byte[count * type.Size()];
        values = new float[count];
        for (var i = 0; i < count; i++)
        {
            var value = random.NextSingle() - 0.5f;
            switch (type)
            {
                case ElementType.Float32:
                    BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), value).ShouldBeTrue();
                    values[i] = value;
                    break;
                case ElementType.BFloat16:
                    BitConverter.TryWriteBytes(bytes.AsSpan(i * 2), (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ShouldBeTrue();
                    values[i] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xffff0000);
                    break;
                default:
                    BitConverter.TryWriteBytes(bytes.AsSpan(i * 2), BitConverter.HalfToUInt16Bits((Half)value)).ShouldBeTrue();
                    values[i] = (float)(Half)value;
                    break;
            }
        }

        return bytes;
    }

    private static void Near(float actual, double expected, int units) =>
        Math.Abs(actual - expected).ShouldBeLessThanOrEqualTo(units * (double)(MathF.BitIncrement(MathF.Abs((float)expected)) - MathF.Abs((float)expected)), $"{actual}, not {expected}");

    /// <summary>The error function by its series, or by its continued fraction where the series cancels.</summary>
    private static double ErfOf(double x)
    {
        var size = Math.Abs(x);
        if (size > 2.5)
        {
            var fraction = 0.0;
            for (var n = 60; n >= 1; n--)
            {
                fraction = n / 2.0 / (size + fraction);
            }

            return Math.Sign(x) * (1 - (Math.Exp(-size * size) / Math.Sqrt(Math.PI) / (size + fraction)));
        }

        double term = x, sum = x;
        for (var n = 1; n < 80; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
