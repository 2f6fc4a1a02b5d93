using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>
/// Recognises a file that is one JSON object over many lines: a configuration that a wide glob has caught, such as LLaMA-Factory's
/// dataset_info.json. Looked at only after the first line turned out to be no record.
/// </summary>
internal static class ConfigurationFile
{
    /// <summary>Nobody writes a configuration of more bytes.</summary>
    private const int MaxBytes = 4 << 20;

    /// <summary>The refusal, or null where the file is something else.</summary>
    public static string? Refusal(string path)
    {
        using var stream = new ShardStream(path, digest: false);
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var some = stream.Read(buffer); some > 0; some = stream.Read(buffer))
        {
            content.Write(buffer, 0, some);
            if (content.Length > MaxBytes)
            {
                return null;
            }
        }

        try
        {
            using var document = JsonDocument.Parse(content.GetBuffer().AsMemory(0, (int)content.Length), new JsonDocumentOptions { MaxDepth = 128 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var isRegistry = document.RootElement.EnumerateObject().Any(entry =>
                entry.Value.ValueKind == JsonValueKind.Object
                && (entry.Value.TryGetProperty("file_name", out _) || entry.Value.TryGetProperty("hf_hub_url", out _) || entry.Value.TryGetProperty("script_url", out _)));
            if (!isRegistry && !JsonText.Trim(content.GetBuffer().AsSpan(0, (int)content.Length)).Contains((byte)'\n'))
            {
                // On one line it is a record with a mistake, not a configuration.
                return null;
            }

            var what = isRegistry ? "a registry of data sets (dataset_info.json, as LLaMA-Factory has it)" : "one JSON object over several lines, as configuration files are";
            return $"this is {what}, not a list of records. Take it out of DatasetShard: <DatasetShard Remove=\"its path\" /> behind the item that includes it. Records are one JSON object a line or one JSON array.";
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
