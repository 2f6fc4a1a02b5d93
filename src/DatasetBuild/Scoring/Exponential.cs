namespace DatasetBuild.Scoring;

/// <summary>
/// e to the power of a double, from fused multiply-adds alone: the same bits on every machine, which the system's own function does not promise.
/// Within one unit of the last place.
/// </summary>
internal static class Exponential
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts: the first has so few digits that its products with an exponent are exact.
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>1/k! for k from 13 down to 2.</summary>
    private static readonly double[] Coefficients =
    [
        1.0 / 6_227_020_800, 1.0 / 479_001_600, 1.0 / 39_916_800, 1.0 / 3_628_800, 1.0 / 362_880, 1.0 / 40_320, 1.0 / 5_040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5,
    ];

    /// <summary>e^x; infinity above 709.78, 0 below -745.13.</summary>
    public static double Of(double x)
    {
        if (double.IsNaN(x) || x > 709.782712893384 || x < -745.1332191019412)
        {
            return x > 0 ? double.PositiveInfinity : double.IsNaN(x) ? x : 0;
        }

        // x = n ln 2 + r with |r| <= ln 2 / 2.
        var n = Math.Round(x * Log2E);
        var r = Math.FusedMultiplyAdd(-n, Ln2Low, Math.FusedMultiplyAdd(-n, Ln2High, x));
        var sum = Coefficients[0];
        foreach (var coefficient in Coefficients.AsSpan(1))
        {
            sum = Math.FusedMultiplyAdd(sum, r, coefficient);
        }

        return Math.ScaleB(Math.FusedMultiplyAdd(r * r, sum, r) + 1, (int)n);
    }
}
