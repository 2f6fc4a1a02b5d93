using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tool.Answers;

/// <summary>A record by its place and key.</summary>
internal sealed record RecordPlace(string Shard, int Line, string Key)
{
    public override string ToString() => $"{Shard}:{Line}";

    /// <summary>Writes the place as an object, as a member where it has a name.</summary>
    public void WriteTo(Utf8JsonWriter json, string? name = null)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        json.WriteStartObject();
        json.WriteString("place", ToString());
        json.WriteString("shard", Shard);
        json.WriteNumber("line", Line);
        json.WriteString("key", Key);
        json.WriteEndObject();
    }
}

/// <summary>All that is known of one record: what became of it, and what each stage made of it.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Stages">Stage by stage.</param>
/// <param name="Twin">The record that survives in its place, or null.</param>
/// <param name="TwinVerdict">What became of that; null for a record of the base.</param>
/// <param name="Duplicates">The records that it stands for.</param>
/// <param name="Preview">Its JSON as it stands in the shard.</param>
internal sealed record Explanation(
    Verdict Verdict, IReadOnlyList<StageVerdict> Stages, RecordPlace? Twin, Verdict? TwinVerdict, IReadOnlyList<RecordPlace> Duplicates, string Preview)
{
    /// <summary>How many records were taken for one by the stage that dropped this one, or for this one; 1: it has no duplicate.</summary>
    public required int ClusterSize { get; init; }

    /// <summary>How much of the record's shingles it shares with its twin, or with a neighbour in the chain to it; null where no stage told.</summary>
    public double? Jaccard => Twin is null ? null : Stages.FirstOrDefault(stage => stage.Outcome == StageScores.Dropped)?.Score;

    /// <summary>Whether a chain of records leads to the twin: then <see cref="Jaccard"/> is of a link of it.</summary>
    public required bool IsChained { get; init; }

    public static Explanation Of(int record, Analysis analysis, VerdictReader verdicts, RecordSearch search)
    {
        var json = verdicts.JsonOf(record);
        var twin = analysis.Fates.Twin(record);
        var clusterSize = 1 + search.DuplicatesOf(twin < 0 ? record : twin).Count;
        return new Explanation(
            verdicts.Read(record),
            new StageScores(analysis).Of(record, json),
            twin < 0 ? null : PlaceOf(twin),
            twin < 0 || twin >= analysis.Pool.Count ? null : verdicts.Read(twin),
            [.. search.DuplicatesOf(record).Select(PlaceOf)],
            System.Text.Encoding.UTF8.GetString(json))
        {
            IsChained = clusterSize > 2 && analysis.IsChained(record), // two are each other's neighbours
            ClusterSize = clusterSize,
        };

        RecordPlace PlaceOf(int number)
        {
            var (pool, place) = analysis.Pool.Locate(number);
            return new RecordPlace(verdicts.ShardOf(number).Name, verdicts.LineOf(number), pool.Keys[place].ToString());
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("shard", Verdict.Shard);
        json.WriteNumber("line", Verdict.Line);
        json.WriteString("key", Verdict.Key);
        json.WriteString("verdict", Verdict.Kept ? "kept" : "dropped");
        json.WriteString("droppedBy", Verdict.DroppedBy);
        json.WriteString("reason", Verdict.Reason);
        if (Twin is null)
        {
            json.WriteNull("twin");
        }
        else
        {
            Twin.WriteTo(json, "twin");
        }

        Output.Json.WriteNumberOrNull(json, "jaccard", Jaccard);
        json.WriteBoolean("chained", IsChained);
        json.WriteNumber("cluster", ClusterSize);
        json.WriteStartArray("duplicates");
        foreach (var duplicate in Duplicates)
        {
            duplicate.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("stages");
        foreach (var stage in Stages)
        {
            WriteStage(json, stage);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStage(Utf8JsonWriter json, StageVerdict stage)
    {
        json.WriteStartObject();
        json.WriteString("name", stage.Name);
        json.WriteString("kind", stage.Kind);
        json.WriteString("verdict", stage.Outcome);
        Output.Json.WriteNumberOrNull(json, "score", stage.Score);
        json.WriteString("unit", stage.Unit);
        json.WriteString("value", stage.Value);
        json.WriteString("missing", stage.Missing);
        json.WriteString("reason", stage.Reason);
        if (stage.Match is { } match)
        {
            json.WriteStartObject("evaluation");
            json.WriteString("item", match.Item);
            json.WriteString("words", match.Words);
            json.WriteString("text", stage.MatchJson);
            json.WriteEndObject();
        }

        json.WriteStartObject("limit");
        foreach (var (name, value) in stage.Limit.Parameters)
        {
            json.WriteString(name, value);
        }

        if (stage.Limit.Cut is { } cut)
        {
            json.WriteString("group", cut.Group);
            json.WriteNumber("withValue", cut.WithValue);
            json.WriteNumber("kept", cut.Kept);
            Output.Json.WriteNumberOrNull(json, "lastKept", cut.LastKept);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
