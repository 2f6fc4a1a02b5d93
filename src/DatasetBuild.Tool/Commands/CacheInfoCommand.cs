using System.CommandLine;
using System.Globalization;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache info</c>: what the score cache holds.</summary>
internal static class CacheInfoCommand
{
    public static Command Create()
    {
        var cache = CacheCommand.FolderOption();
        var json = Invocation.JsonOption("the summary as a JSON object");
        var command = new Command("info", "Says where the cache is, what it holds, and how large it is.") { cache, json };
        return command.Running((parsed, screen, _) =>
        {
            var folder = CacheCommand.Folder(parsed.GetValue(cache));
            var summary = CacheSummary.Of(folder);
            if (parsed.GetValue(json))
            {
                WriteJson(folder, summary);
            }
            else
            {
                Show(folder, summary, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static void Show(string folder, CacheSummary summary, Screen screen)
    {
        var output = screen.Output;
        output.Line(Visible.Of($"{folder}{(Directory.Exists(folder) ? "" : " (does not exist yet)")}"));
        output.Line($"{Numbers.Bytes(summary.Bytes)} in {Numbers.Counted(summary.Files, "file")}; the oldest go first above {Numbers.Bytes(CacheLimit.DefaultBytes)}");
        output.Line(Projects(KnownProject.All(folder)));
        if (summary.Identities.Count > 0)
        {
            var scores = Tables.Of(Column.Prose("scores of"), Column.Number("entries"), Column.Number("files"), Column.Number("size"), new Column("last used (UTC)"));
            foreach (var identity in summary.Identities)
            {
                scores.Add(IdentityText.Describe(identity.Text), Numbers.Count(identity.Entries), Numbers.Count(identity.Files), Numbers.Bytes(identity.Bytes), Time(identity.LastUsed));
            }

            output.WriteTable(scores);
        }

        if (summary.Derived.Count > 0)
        {
            var derived = Tables.Of(Column.Prose("derived data"), Column.Number("files"), Column.Number("size"), new Column("last used (UTC)"));
            foreach (var kind in summary.Derived)
            {
                derived.Add(kind.Kind, Numbers.Count(kind.Files), Numbers.Bytes(kind.Bytes), Time(kind.LastUsed));
            }

            output.WriteTable(derived);
        }
    }

    /// <summary>Whose builds the cache serves, in words.</summary>
    private static string Projects(IReadOnlyList<KnownProject> projects)
    {
        var there = projects.Count(project => File.Exists(project.Project));
        return $"{Numbers.Counted(there, "project")} built with it" + (projects.Count > there ? $", {Numbers.Count(projects.Count - there)} more that are gone" : "");
    }

    private static string Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    private static void WriteJson(string folder, CacheSummary summary) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("path", folder);
        json.WriteNumber("files", summary.Files);
        json.WriteNumber("bytes", summary.Bytes);
        json.WriteNumber("limitBytes", CacheLimit.DefaultBytes);
        json.WriteStartArray("scores");
        foreach (var identity in summary.Identities)
        {
            json.WriteStartObject();
            json.WriteString("identity", identity.Folder);
            json.WriteString("description", IdentityText.Describe(identity.Text));
            json.WriteString("text", identity.Text);
            json.WriteNumber("entries", identity.Entries);
            json.WriteNumber("segments", identity.Segments);
            json.WriteNumber("logs", identity.Logs);
            json.WriteNumber("files", identity.Files);
            json.WriteNumber("bytes", identity.Bytes);
            WriteTime(json, identity.LastUsed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("derived");
        foreach (var kind in summary.Derived)
        {
            json.WriteStartObject();
            json.WriteString("kind", kind.Kind);
            json.WriteNumber("files", kind.Files);
            json.WriteNumber("bytes", kind.Bytes);
            WriteTime(json, kind.LastUsed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("otherFiles", summary.OtherFiles);
        json.WriteNumber("otherBytes", summary.OtherBytes);
        json.WriteEndObject();
    });

    private static void WriteTime(System.Text.Json.Utf8JsonWriter json, DateTime? time) =>
        json.WriteString("lastUsed", time?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
}
