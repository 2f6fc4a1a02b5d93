using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>A split of the subset: its folder and how many records it holds.</summary>
public sealed record Split(string Name, int Records);

/// <summary>
/// The files beside the data that loaders and people read: README.md with the front matter of Hugging Face's <c>load_dataset</c>, and
/// dataset_info.json, the registry of LLaMA-Factory.
/// </summary>
public static class DatasetCard
{
    public static byte[] Readme(string name, string license, IReadOnlyList<Split> splits, IReadOnlyList<StageSummary> stages, int records)
    {
        var kept = splits.Sum(split => split.Records);
        var text = new StringBuilder();
        text.Append("---\n");
        text.Append(CultureInfo.InvariantCulture, $"license: {YamlText(license)}\n");
        text.Append("task_categories:\n- text-generation\n");
        text.Append(CultureInfo.InvariantCulture, $"size_categories:\n- {SizeCategory(kept)}\n");
        text.Append("configs:\n- config_name: default\n  data_files:\n");
        foreach (var split in splits)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - split: {split.Name}\n    path: \"{split.Name}/{split.Name}-*\"\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"---\n\n# {name}\n\nSelected by DatasetBuild: {Count(kept)} of {Count(records)} records.\n\n");
        text.Append("| stage | kind | entered | kept | dropped | missing |\n|---|---|---:|---:|---:|---:|\n");
        foreach (var stage in stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {stage.Name} | {stage.Kind} | {Count(stage.Entered)} | {Count(stage.Kept)} | {Count(stage.Dropped)} | {Count(stage.Missing)} |\n");
        }

        text.Append("\n`.datasetbuild/manifest.json` names every input by its digest, every stage with its parameters, and every output.\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <param name="name">The data set's name in the registry.</param>
    /// <param name="formatting">The <c>formatting</c> value, or null for LLaMA-Factory's default (alpaca).</param>
    /// <param name="columns">What each of its columns is called in the data.</param>
    /// <param name="tags">Names inside a message, or none.</param>
    /// <param name="splits">One entry each; the first bears the name alone.</param>
    public static byte[] Registry(
        string name, string? formatting, IReadOnlyList<NamedText> columns, IReadOnlyList<NamedText> tags, IReadOnlyList<Split> splits)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var split in splits)
            {
                json.WriteStartObject(split == splits[0] ? name : $"{name}_{split.Name}");
                json.WriteString("file_name", split.Name);
                if (formatting is not null)
                {
                    json.WriteString("formatting", formatting);
                }

                WritePairs(json, "columns", columns);
                if (tags.Count > 0)
                {
                    WritePairs(json, "tags", tags);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static void WritePairs(Utf8JsonWriter json, string name, IReadOnlyList<NamedText> pairs)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    /// <summary>A plain word as it is; anything else in the double quotes of JSON, which YAML reads the same.</summary>
    private static string YamlText(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? text : $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string SizeCategory(int records) => records switch
    {
        < 1_000 => "n<1K",
        < 10_000 => "1K<n<10K",
        < 100_000 => "10K<n<100K",
        < 1_000_000 => "100K<n<1M",
        < 10_000_000 => "1M<n<10M",
        < 100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    };
}
