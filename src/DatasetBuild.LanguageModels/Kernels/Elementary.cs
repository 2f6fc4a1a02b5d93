namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// exp, log, power, sine and cosine in float64 from basic operations alone. Those of the C library differ in the last place from system to system, which is why they are not called.
/// Within 2 units of the last place for the arguments that occur here.
/// </summary>
internal static class Elementary
{
    private const double Ln2High = 6.93147180369123816490e-01; // 32 bits: times an exponent it is exact
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm of a positive finite number; minus infinity of 0, NaN of what has none.</summary>
    public static double Log(double x)
    {
        if (!(x > 0) || double.IsPositiveInfinity(x))
        {
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        }

        // x = 2^e m with m in [sqrt 1/2, sqrt 2); ln m = 2 artanh((m - 1) / (m + 1)).
        var exponent = Math.ILogB(x);
        var m = Math.ScaleB(x, -exponent);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        var f = m - 1;
        var s = f / (2 + f);
        var z = s * s;
        var series = 0.0;
        for (var term = 23; term >= 3; term -= 2)
        {
            series = (series + (1.0 / term)) * z;
        }

        // 2s = f - s f, whose rounding the sum over the series makes good.
        var half = 0.5 * f * f;
        var correction = (s * (half + (2 * series))) + (exponent * Ln2Low);
        return (exponent * Ln2High) - ((half - correction) - f);
    }

    /// <summary>e^x for |x| up to 700.</summary>
    public static double Exp(double x)
    {
        var n = Math.Round(x * 1.4426950408889634);
        var r = Math.FusedMultiplyAdd(n, -Ln2High, x);
        r = Math.FusedMultiplyAdd(n, -Ln2Low, r);
        var sum = 1.0;
        for (var term = 18; term >= 1; term--)
        {
            sum = Math.FusedMultiplyAdd(sum, r / term, 1.0);
        }

        return Math.ScaleB(sum, (int)n);
    }

    /// <summary>A positive number to any power.</summary>
    public static double Pow(double number, double power) => Exp(power * Log(number));

    /// <summary>Sine and cosine of an angle between 0 and 10^6, such as position times frequency.</summary>
    public static (double Sin, double Cos) SinCos(double angle)
    {
        // The angle less a multiple of pi/2, in three parts of 33 bits, of which the first two times the multiple are exact.
        var quarter = Math.Round(angle * 0.63661977236758134);
        var r = angle - (quarter * 1.57079632673412561417e+00);
        r -= quarter * 6.07710050630396597660e-11;
        r -= quarter * 2.02226624879595063154e-21;
        var z = r * r;
        double sin = 0, cos = 0;
        for (var term = 19; term >= 3; term -= 2)
        {
            sin = (1 - sin) * z / (term * (term - 1));
        }

        for (var term = 20; term >= 2; term -= 2)
        {
            cos = (1 - cos) * z / (term * (term - 1));
        }

        sin = r - (r * sin);
        cos = 1 - cos;
        return ((long)quarter & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }
}
