using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>What a run cost and what it found in the cache: facts of one run on one machine, which is why they never stand beside the subset.</summary>
public static class RunFacts
{
    public static byte[] ToJson(TimeSpan elapsed, int parsed, int records, IReadOnlyList<StageSummary> stages)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
            json.WriteNumber("records", records);
            json.WriteNumber("parsed", parsed);
            json.WriteStartArray("stages");
            foreach (var stage in stages)
            {
                json.WriteStartObject();
                json.WriteString("name", stage.Name);
                json.WriteNumber("scored", stage.Scored);
                json.WriteNumber("cached", stage.Cached);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
