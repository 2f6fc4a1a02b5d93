using System.Globalization;
using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>How many records a stage dropped for one reason.</summary>
public sealed record ReasonCount(string Reason, int Count);

/// <summary>
/// What one stage did with the records of the dataset. <paramref name="Scored"/>, the values that were made, and <paramref name="Cached"/>, the records of which all was there, are
/// facts of this run; the others follow from the data.
/// </summary>
public sealed record StageSummary(string Name, string Kind, int Entered, int Kept, int Dropped, int Missing, int Scored, int Cached)
{
    /// <summary>Why records were dropped: how many for each reason.</summary>
    public IReadOnlyList<ReasonCount> Reasons { get; init; } = [];

    /// <summary>How many of those kept the stage marked; null where it is not there to mark.</summary>
    public int? Marked { get; init; }

    /// <summary>The reasons in words, and what was marked.</summary>
    public IEnumerable<string> Why => Reasons.Select(reason => $"{Count(reason.Count)} {reason.Reason}").Concat(Marked > 0 ? [$"{Count(Marked.Value)} marked"] : []);

    /// <summary>Writes the counts as members of the object that is open.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("name", Name);
        json.WriteString("kind", Kind);
        json.WriteNumber("entered", Entered);
        json.WriteNumber("kept", Kept);
        json.WriteNumber("dropped", Dropped);
        json.WriteNumber("missing", Missing);
        json.WriteNumber("scored", Scored);
        json.WriteNumber("cached", Cached);
        if (Marked is { } marked)
        {
            json.WriteNumber("marked", marked);
        }

        json.WriteStartObject("reasons");
        foreach (var (reason, count) in Reasons)
        {
            json.WriteNumber(reason, count);
        }

        json.WriteEndObject();
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
