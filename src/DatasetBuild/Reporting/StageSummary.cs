using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>How many records a stage dropped for one reason.</summary>
public sealed record ReasonCount(string Reason, int Count);

/// <summary>What one stage did. <paramref name="Scored"/> and <paramref name="Cached"/> are facts of this run; the others follow from the data.</summary>
public sealed record StageSummary(string Name, string Kind, int Entered, int Kept, int Dropped, int Missing, int Scored, int Cached)
{
    /// <summary>Why records were dropped: how many for each reason.</summary>
    public IReadOnlyList<ReasonCount> Reasons { get; init; } = [];

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
        json.WriteStartObject("reasons");
        foreach (var (reason, count) in Reasons)
        {
            json.WriteNumber(reason, count);
        }

        json.WriteEndObject();
    }
}
