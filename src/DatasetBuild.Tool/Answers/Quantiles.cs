using System.Text.Json;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Answers;

/// <summary>The distribution of a stage's scores. Quantiles between two values are interpolated linearly, as NumPy and pandas do by default.</summary>
internal sealed record Quantiles(int Count, double Mean, IReadOnlyList<double> Values)
{
    /// <summary>Least value, quantiles, greatest value.</summary>
    public static readonly IReadOnlyList<(string Name, double Share)> Shares =
        [("min", 0), ("p1", 0.01), ("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99), ("max", 1)];

    /// <summary>Null where there is no value.</summary>
    public static Quantiles? Of(List<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        values.Sort();
        return new Quantiles(values.Count, values.Average(), [.. Shares.Select(share => At(values, share.Share))]);
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("count", Count);
        foreach (var ((name, _), value) in Shares.Zip(Values))
        {
            json.WriteNumber(name, value);
        }

        json.WriteNumber("mean", Mean);
        json.WriteEndObject();
    }

    public IEnumerable<string> Cells() => Values.Append(Mean).Select(Numbers.Score);

    private static double At(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var low = (int)Math.Floor(place);
        return low + 1 < sorted.Count ? sorted[low] + ((place - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }
}
