using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>exp, tanh and erf of sixteen lanes, from additions, products and fused multiply-adds alone, so that they have the same bits everywhere. NaN stays NaN.</summary>
internal static class Exponential
{
    private const float Lowest = -87.3f; // below it exp is no normal number any more
    private const float Highest = 88.3f;
    private const float Rounding = 12582912f; // 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits

    /// <summary>e^x within 2 units of the last place; 1.2e-38 for what is below -87.3, 2.2e38 for what is above 88.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Lowest)), Vector512.Create(Lowest), x);
        x = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Highest)), Vector512.Create(Highest), x);

        // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, of which the first times n is exact.
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(Rounding));
        var n = shifted - Vector512.Create(Rounding);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);

        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512.Create(1f));
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }

    /// <summary>tanh x within 2 units of the last place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var z = x * x;
        var near = Vector512.FusedMultiplyAdd(Vector512.Create(-5.70498872745e-3f), z, Vector512.Create(2.06390887954e-2f));
        near = Vector512.FusedMultiplyAdd(near, z, Vector512.Create(-5.37397155531e-2f));
        near = Vector512.FusedMultiplyAdd(near, z, Vector512.Create(1.33314422036e-1f));
        near = Vector512.FusedMultiplyAdd(near, z, Vector512.Create(-3.33332819422e-1f));
        near = Vector512.FusedMultiplyAdd(near * z, x, x);

        var size = Vector512.Abs(x);
        var far = Vector512.Create(1f) - (Vector512.Create(2f) / (Exp(size + size) + Vector512.Create(1f)));
        far = WithSign(far, x);
        return Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(0.625f)), near, far);
    }

    /// <summary>The error function within 2 units of the last place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        var t = Vector512.Abs(x);
        var s = x * x;

        var far = Vector512.FusedMultiplyAdd(Vector512.Create(-1.72853470e-5f), t, Vector512.Create(3.83197126e-4f));
        var u = Vector512.FusedMultiplyAdd(Vector512.Create(-3.88396438e-3f), t, Vector512.Create(2.42546219e-2f));
        far = Vector512.FusedMultiplyAdd(far, s, u);
        far = Vector512.FusedMultiplyAdd(far, t, Vector512.Create(-1.06777877e-1f));
        far = Vector512.FusedMultiplyAdd(far, t, Vector512.Create(-6.34846687e-1f));
        far = Vector512.FusedMultiplyAdd(far, t, Vector512.Create(-1.28717512e-1f));
        far = Vector512.FusedMultiplyAdd(far, t, -t);
        far = WithSign(Vector512.Create(1f) - Exp(far), x);

        var near = Vector512.FusedMultiplyAdd(Vector512.Create(-5.96761703e-4f), s, Vector512.Create(4.99119423e-3f));
        near = Vector512.FusedMultiplyAdd(near, s, Vector512.Create(-2.67681349e-2f));
        near = Vector512.FusedMultiplyAdd(near, s, Vector512.Create(1.12819925e-1f));
        near = Vector512.FusedMultiplyAdd(near, s, Vector512.Create(-3.76125336e-1f));
        near = Vector512.FusedMultiplyAdd(near, s, Vector512.Create(1.28379166e-1f));
        near = Vector512.FusedMultiplyAdd(near, x, x);

        // The far branch of a large x is exp of what overflowed to NaN; it is 1 from 4 on anyway.
        far = Vector512.ConditionalSelect(Vector512.GreaterThan(t, Vector512.Create(4f)), WithSign(Vector512.Create(1f), x), far);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(t, Vector512.Create(0.927734375f)), far, near);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WithSign(Vector512<float> size, Vector512<float> sign) =>
        (size.AsUInt32() | (sign.AsUInt32() & Vector512.Create(0x80000000u))).AsSingle();
}
