using System.Globalization;

namespace DatasetBuild.Selection;

/// <summary>A part of a number of records, as an exact decimal: <c>6%</c> of 52,002 is 3,120, on every machine.</summary>
public readonly record struct Share(decimal Fraction)
{
    /// <summary>floor(fraction x count).</summary>
    public int Of(int count) => (int)decimal.Floor(Fraction * count);

    /// <summary>Reads <c>6%</c> or <c>0.5%</c>; between 0% and 100%.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Share share)
    {
        share = default;
        text = text.Trim();
        if (!text.EndsWith("%")
            || !decimal.TryParse(text[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            || percent is < 0 or > 100)
        {
            return false;
        }

        share = new Share(percent / 100);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Fraction * 100).Normalized()}%");
}

internal static class DecimalText
{
    /// <summary>Without trailing zeros: 6.00 is 6.</summary>
    public static decimal Normalized(this decimal value) => value / 1.000000000000000000000000000000000m;
}
