using System.Text.Json;

namespace DatasetBuild.Caching;

/// <summary>One output file of a commit: its name in the folder, the name of its temporary in the state folder, its content's length and SHA-256.</summary>
internal sealed record CommitEntry(string Target, string Temporary, long Length, string Sha256);

/// <summary>What a journal holds: all renames in order (the manifest last), and all deletions. The layout is in FORMATS.md.</summary>
internal sealed record CommitPlan(IReadOnlyList<CommitEntry> Files, IReadOnlyList<string> Deletions)
{
    internal const string Kind = "commit-journal";
    internal const int Version = 1;
    private const int MaxBytes = 64 << 20;

    internal void Write(string path)
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("files");
            foreach (var file in Files)
            {
                writer.WriteStartObject();
                writer.WriteString("target", file.Target);
                writer.WriteString("temporary", file.Temporary);
                writer.WriteNumber("length", file.Length);
                writer.WriteString("sha256", file.Sha256);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("deletions");
            foreach (var name in Deletions)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        using var block = BlockFile.Create(path, Kind, Version);
        block.Write(json.WrittenSpan);
        block.Commit(flushToDisk: true);
    }

    /// <summary>Null when the journal is damaged or names anything outside the folder.</summary>
    internal static CommitPlan? TryRead(string path, Action<Diagnostic>? warn)
    {
        if (!BlockFile.TryRead(path, Kind, Version, MaxBytes, out var payload, warn))
        {
            return null;
        }

        using (payload)
        {
            try
            {
                using var json = JsonDocument.Parse(payload.Memory);
                var files = json.RootElement.GetProperty("files").EnumerateArray().Select(file => new CommitEntry(
                    file.GetProperty("target").GetString()!,
                    file.GetProperty("temporary").GetString()!,
                    file.GetProperty("length").GetInt64(),
                    file.GetProperty("sha256").GetString()!)).ToList();
                var deletions = json.RootElement.GetProperty("deletions").EnumerateArray().Select(name => name.GetString()!).ToList();
                var safe = files.Count > 0
                    && files.All(file => OutputPaths.IsSafe(file.Target) && IsTemporary(file.Temporary) && file.Sha256 is { Length: 64 })
                    && deletions.All(OutputPaths.IsSafe)
                    && AreApart([.. files.Select(file => file.Target), .. deletions], files);
                return safe ? new CommitPlan(files, deletions) : null;
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or NullReferenceException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether a name is the commit's own: its folder, or anything in it but the manifest.</summary>
    internal static bool IsOwn(string name) =>
        name != CommitJournal.ManifestName && (name == OutputPaths.StateFolder || name.StartsWith(OutputPaths.StateFolder + "/", StringComparison.Ordinal));

    /// <summary>Whether no file is named twice, none is a folder of another, and none is the commit's own: only then can all of it be done.</summary>
    private static bool AreApart(List<string> names, List<CommitEntry> files)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        return all.Count == names.Count
            && files.Select(file => file.Temporary).Distinct(StringComparer.Ordinal).Count() == files.Count
            && !names.Any(IsOwn)
            && !names.SelectMany(FoldersOf).Any(all.Contains);
    }

    private static IEnumerable<string> FoldersOf(string name)
    {
        for (var end = name.LastIndexOf('/'); end > 0; end = name.LastIndexOf('/', end - 1))
        {
            yield return name[..end];
        }
    }

    internal static bool IsTemporary(string name) =>
        OutputPaths.IsSafe(name) && !name.Contains('/', StringComparison.Ordinal) && name.StartsWith('.')
        && name.EndsWith(CacheFiles.TemporarySuffix, StringComparison.Ordinal);
}
