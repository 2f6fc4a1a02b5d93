using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Answers;

/// <summary>Writes a difference for programs: every record that differs, then the counts.</summary>
internal static class DifferenceJson
{
    public static void Write(DatasetDifference difference, CancellationToken cancel) => Json.Write(json =>
    {
        json.WriteStartObject();
        WriteSide(json, "before", difference.Before);
        WriteSide(json, "after", difference.After);
        json.WriteBoolean("knowsRecords", difference.Knows.Records);
        json.WriteBoolean("knowsDropped", difference.Knows.Dropped);
        json.WriteTexts("files", difference.Files);
        WriteStages(json, difference.Stages);
        json.WriteStartArray("changes");
        var counts = difference.Read(
            change =>
            {
                WriteChange(json, change);
                json.FlushNowAndThen();
            },
            cancel);
        json.WriteEndArray();
        WriteCounts(json, counts);
        json.WriteEndObject();
    });

    private static void WriteSide(Utf8JsonWriter json, string name, BuiltDataset side)
    {
        json.WriteStartObject(name);
        json.WriteString("path", side.Path);
        json.WriteString("name", side.Manifest.Name);
        json.WriteNumber("records", side.Manifest.Records);
        json.WriteNumber("kept", side.Manifest.Kept);
        json.WriteEndObject();
    }

    private static void WriteStages(Utf8JsonWriter json, IReadOnlyList<StageDifference> stages)
    {
        json.WriteStartArray("stages");
        foreach (var stage in stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("change", stage.Before is null ? "new" : stage.After is null ? "gone" : "changed");
            json.WriteStartArray("parameters");
            foreach (var parameter in stage.Parameters)
            {
                json.WriteStartObject();
                json.WriteString("name", parameter.Name);
                json.WriteString("before", parameter.Before);
                json.WriteString("after", parameter.After);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteTexts("scores", stage.Scores);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteChange(Utf8JsonWriter json, RecordChange change)
    {
        json.WriteStartObject();
        json.WriteString("change", Word(change.Kind));
        WriteRecord(json, "before", change.Before);
        WriteRecord(json, "after", change.After);
        json.WriteStartObject("cause");
        json.WriteString("kind", change.Cause.Kind);
        json.WriteString("text", change.Cause.Text);
        json.WriteString("detail", change.Cause.Detail);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter json, string name, ComparedRecord? record)
    {
        if (record is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("shard", record.Shard);
        json.WriteNumber("line", record.Line);
        json.WriteString("key", record.Key.ToString());
        json.WriteString("verdict", record.Fate.IsKept ? "kept" : "dropped");
        json.WriteString("split", record.Fate.IsKept ? record.Fate.Split : null);
        json.WriteString("droppedBy", record.Fate.IsKept ? null : record.Fate.DroppedBy);
        json.WriteString("reason", record.Fate.IsKept ? null : record.Fate.Reason);
        json.WriteString("twin", record.Twin.Length > 0 ? record.Twin : null);
        json.WriteStartObject("values");
        foreach (var (column, value) in record.Values)
        {
            json.WriteString(column, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, IReadOnlyList<ChangeCount> counts)
    {
        json.WriteStartArray("counts");
        foreach (var count in counts)
        {
            json.WriteStartObject();
            json.WriteString("change", Word(count.Kind));
            json.WriteString("cause", count.Cause.Kind);
            json.WriteString("text", count.Cause.Text);
            json.WriteNumber("records", count.Records);
            json.WriteNumber("enteredSubset", count.Entered);
            json.WriteNumber("leftSubset", count.Left);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Word(ChangeKind kind) => kind.ToString().ToLowerInvariant();
}
