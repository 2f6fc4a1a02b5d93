using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks;

internal static class PlanWriter
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the plan unless the file says the same already. Returns false, and writes nothing, where a first plan came in between.</summary>
    /// <remarks>A plan that is left alone keeps its time, by which the engine and the tool see at a glance that nothing changed.</remarks>
    public static bool TryWriteIfDifferent(string file, Plan plan)
    {
        var bytes = ToJson(plan);
        var isFirst = !File.Exists(file);
        if (!isFirst && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
        {
            return true;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);

        // The form of a name by which the engine knows the temporaries of writers that were killed, and removes them.
        var temporary = $"{file}.{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..12]}.tmp";
        File.WriteAllBytes(temporary, bytes);
        try
        {
            File.Move(temporary, file, overwrite: !isFirst);
            return true;
        }
        catch (IOException) when (isFirst && File.Exists(file))
        {
            File.Delete(temporary);
            return false;
        }
    }

    public static byte[] ToJson(Plan plan)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteString("project", plan.Project);
            json.WriteString("outputPath", plan.OutputPath);
            json.WriteString("reportPath", plan.ReportPath);
            json.WriteString("statePath", plan.StatePath);
            json.WriteString("cachePath", plan.CachePath);
            WriteSettings(json, plan.Settings);
            WriteShards(json, "shards", plan.Shards);
            WriteShards(json, "base", plan.Base);
            WriteShards(json, "evaluation", plan.Evaluation);
            WriteStages(json, plan);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteSettings(Utf8JsonWriter json, IReadOnlyList<ITaskItem> settings)
    {
        json.WriteStartObject("properties");
        foreach (var setting in settings)
        {
            var value = setting.GetMetadata("Value");
            if (value.Length > 0)
            {
                json.WriteString(setting.ItemSpec, value);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteShards(Utf8JsonWriter json, string name, IReadOnlyList<Shard> shards)
    {
        json.WriteStartArray(name);
        foreach (var shard in shards)
        {
            json.WriteStartObject();
            json.WriteString("path", shard.Path);
            WriteMetadata(json, shard.Metadata);
            json.WriteString("definedIn", shard.DefinedIn);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStages(Utf8JsonWriter json, Plan plan)
    {
        json.WriteStartArray("stages");
        foreach (var stage in plan.Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.ItemSpec);
            WriteMetadata(json, ItemMetadata.Of(stage));
            json.WriteString("definedIn", ItemMetadata.DefinedIn(stage, plan.Project));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, SortedDictionary<string, string> metadata)
    {
        json.WriteStartObject("metadata");
        foreach (var (name, value) in metadata)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }
}
