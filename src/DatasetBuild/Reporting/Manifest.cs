using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>An input as the manifest names it: its path relative to the project, SHA-256 of its bytes, and what it holds.</summary>
public sealed record ManifestInput(string Path, string Sha256, long Bytes, int Records, int Invalid, IReadOnlyList<string> Dialects);

/// <summary>A file of evaluation items as the manifest names it; <paramref name="Fields"/> are those of the items that count, or null.</summary>
public sealed record ManifestEvaluation(string Path, string Sha256, int Items, string? Fields);

/// <summary>
/// How records were held out: the share, the seed, and what stays on one side as a whole: <c>near</c> where near duplicates are one cluster, <c>exact</c> where only equal records are.
/// </summary>
public sealed record ManifestSplit(string Validation, int Seed, string Clusters);

/// <summary>A stage as the manifest names it: what it was, what identified its scores, and what came of it.</summary>
public sealed record ManifestStage(
    string Name,
    string Kind,
    IReadOnlyList<NamedText> Parameters,
    IReadOnlyList<string> Identities,
    int Entered,
    int Kept,
    int Dropped,
    int Missing,
    IReadOnlyList<ReasonCount> Reasons)
{
    /// <summary>How many of those kept the stage marked; null where it is not there to mark.</summary>
    public int? Marked { get; init; }
}

/// <summary>
/// An output file: its path in the subset's folder, SHA-256, size and number of records; and the digest of its recipe, which names the records in
/// it and the form of its lines: two files of one recipe have the same bytes.
/// </summary>
public sealed record ManifestOutput(string Path, string Sha256, long Bytes, int Records, string Recipe);

/// <summary>
/// What a subset is, and what it was made from. Deterministic: the same plan and the same input bytes give the same manifest on every machine;
/// no time, host, absolute path or cache fact is in it.
/// </summary>
public sealed record Manifest(
    string Name,
    string Engine,
    string Schema,
    int Records,
    int Kept,
    IReadOnlyList<ManifestInput> Inputs,
    IReadOnlyList<ManifestStage> Stages,
    IReadOnlyList<ManifestOutput> Outputs)
{
    /// <summary>The files that the records were compared with.</summary>
    public IReadOnlyList<ManifestEvaluation> Evaluation { get; init; } = [];

    /// <summary>Inputs that duplicates were looked for in and that are not written.</summary>
    public IReadOnlyList<ManifestInput> Base { get; init; } = [];

    /// <summary>How records were held out; null where none were to be.</summary>
    public ManifestSplit? Split { get; init; }

    /// <summary>How the split differs from an earlier build's, in words; null where it does not.</summary>
    public string? SplitChange(Manifest earlier) => Split == earlier.Split ? null
        : Split?.Validation != earlier.Split?.Validation ? $"DatasetValidationSplit {earlier.Split?.Validation ?? "unset"} → {Split?.Validation ?? "unset"}"
        : Split!.Seed != earlier.Split!.Seed ? $"DatasetValidationSeed {earlier.Split.Seed} → {Split.Seed}"
        : $"clusters of the split {earlier.Split.Clusters} → {Split.Clusters}";

    public const string RelativePath = ".datasetbuild/manifest.json";

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The outputs that a manifest names.</summary>
    /// <exception cref="KeyNotFoundException">It is no manifest of this form (or <see cref="InvalidOperationException"/>, <see cref="FormatException"/>).</exception>
    public static IEnumerable<ManifestOutput> ReadOutputs(JsonElement manifest)
    {
        foreach (var output in manifest.GetProperty("outputs").EnumerateArray())
        {
            yield return new ManifestOutput(
                output.GetProperty("path").GetString()!,
                output.GetProperty("sha256").GetString()!,
                output.GetProperty("bytes").GetInt64(),
                output.GetProperty("records").GetInt32(),
                output.GetProperty("recipe").GetString()!);
        }
    }

    public byte[] ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("manifest", 1);
            json.WriteString("name", Name);
            json.WriteString("engine", Engine);
            json.WriteString("schema", Schema);
            json.WriteNumber("records", Records);
            json.WriteNumber("kept", Kept);
            WriteInputs(json, "inputs", Inputs);
            if (Base.Count > 0)
            {
                WriteInputs(json, "base", Base);
            }

            if (Split is not null)
            {
                json.WriteStartObject("split");
                json.WriteString("validation", Split.Validation);
                json.WriteNumber("seed", Split.Seed);
                json.WriteString("clusters", Split.Clusters);
                json.WriteEndObject();
            }

            WriteEvaluation(json);
            WriteStages(json);
            WriteOutputs(json);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteInputs(Utf8JsonWriter json, string name, IReadOnlyList<ManifestInput> inputs)
    {
        json.WriteStartArray(name);
        foreach (var input in inputs)
        {
            json.WriteStartObject();
            json.WriteString("path", input.Path);
            json.WriteString("sha256", input.Sha256);
            json.WriteNumber("bytes", input.Bytes);
            json.WriteNumber("records", input.Records);
            json.WriteNumber("invalid", input.Invalid);
            json.WriteStartArray("dialects");
            foreach (var dialect in input.Dialects)
            {
                json.WriteStringValue(dialect);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteEvaluation(Utf8JsonWriter json)
    {
        if (Evaluation.Count == 0)
        {
            return;
        }

        json.WriteStartArray("evaluation");
        foreach (var file in Evaluation)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("sha256", file.Sha256);
            json.WriteNumber("items", file.Items);
            if (file.Fields is { } fields)
            {
                json.WriteString("fields", fields);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteStages(Utf8JsonWriter json)
    {
        json.WriteStartArray("stages");
        foreach (var stage in Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("kind", stage.Kind);
            json.WriteStartObject("parameters");
            foreach (var (name, value) in stage.Parameters)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteStartArray("identities");
            foreach (var identity in stage.Identities)
            {
                json.WriteStringValue(identity);
            }

            json.WriteEndArray();
            json.WriteNumber("entered", stage.Entered);
            json.WriteNumber("kept", stage.Kept);
            json.WriteNumber("dropped", stage.Dropped);
            json.WriteNumber("missing", stage.Missing);
            if (stage.Marked is { } marked)
            {
                json.WriteNumber("marked", marked);
            }

            json.WriteStartObject("reasons");
            foreach (var (reason, count) in stage.Reasons)
            {
                json.WriteNumber(reason, count);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteOutputs(Utf8JsonWriter json)
    {
        json.WriteStartArray("outputs");
        foreach (var output in Outputs)
        {
            json.WriteStartObject();
            json.WriteString("path", output.Path);
            json.WriteString("sha256", output.Sha256);
            json.WriteNumber("bytes", output.Bytes);
            json.WriteNumber("records", output.Records);
            json.WriteString("recipe", output.Recipe);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
