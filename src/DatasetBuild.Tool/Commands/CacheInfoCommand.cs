using System.CommandLine;
using System.Globalization;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache info</c>: what the score cache holds.</summary>
internal static class CacheInfoCommand
{
    public static Command Create()
    {
        var cache = CacheCommand.FolderOption();
        var json = Invocation.JsonOption("the summary as a JSON object");
        var project = new ProjectArguments();
        var command = new Command("info", "Says where the cache is, what it holds, and how large it is.") { project.Project, cache, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var folder = CacheCommand.Folder(parsed.GetValue(cache), project, parsed, screen, stop);
            var (summary, history, projects) = (CacheSummary.Of(folder), ScoreHistory.Of(folder), KnownProject.All(folder));
            if (parsed.GetValue(json))
            {
                WriteJson(folder, summary, history, projects);
            }
            else
            {
                Show(folder, summary, history, projects, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static void Show(
        string folder, CacheSummary summary, IReadOnlyDictionary<string, ScorerHistory> history, IReadOnlyList<KnownProject> projects, Screen screen)
    {
        var output = screen.Output;
        output.Line(Visible.Of($"{folder}{(Directory.Exists(folder) ? "" : " (does not exist yet)")}"));
        output.Line($"{Numbers.Bytes(summary.Bytes)} in {Numbers.Counted(summary.Files, "file")}; the oldest go first above {Numbers.Bytes(CacheLimit.DefaultBytes)}");
        output.Line(Projects(projects));
        if (summary.Identities.Count > 0)
        {
            var scores = Tables.Of(
                Column.Prose("scores of"), Column.Number("records"), Column.Number("size"), Column.Number("found"), Column.Number("scored"), Column.Number("hits"), new Column("last used"));
            foreach (var identity in summary.Identities)
            {
                var known = history.GetValueOrDefault(identity.Folder);
                scores.Add(
                    $"{IdentityText.Describe(identity.Text)} ({UsedBy(known)})",
                    Numbers.Count(identity.Entries),
                    Numbers.Bytes(identity.Bytes),
                    Numbers.Count(known?.Use.Found ?? 0),
                    Numbers.Count(known?.Use.Scored ?? 0),
                    HitRate(known) is { } rate ? rate.ToString("P1", CultureInfo.InvariantCulture) : "",
                    Day(identity.LastUsed));
            }

            output.WriteTable(scores);
            output.Line("found and scored: what the builds that these projects remember looked up, and what they had to score");
        }

        if (summary.Derived.Count > 0)
        {
            var derived = Tables.Of(Column.Prose("derived data"), Column.Number("files"), Column.Number("size"), new Column("last used"));
            foreach (var kind in summary.Derived)
            {
                derived.Add(kind.Kind, Numbers.Count(kind.Files), Numbers.Bytes(kind.Bytes), Day(kind.LastUsed));
            }

            output.WriteTable(derived);
        }
    }

    /// <summary>Whose builds the cache serves, in words.</summary>
    private static string Projects(IReadOnlyList<KnownProject> projects)
    {
        var there = projects.Where(project => project.IsThere).DistinctBy(project => project.Project).Count();
        var gone = projects.DistinctBy(project => project.Project).Count() - there;
        return $"{Numbers.Counted(there, "project")} built with it" + (gone > 0 ? $", {Numbers.Count(gone)} more that are gone" : "");
    }

    private static string UsedBy(ScorerHistory? known) =>
        known is { Projects.Count: > 0 } ? $"used by {string.Join(", ", known.Projects.Select(project => Path.GetFileNameWithoutExtension(project)).Distinct(StringComparer.Ordinal))}" : "used by no known project";

    /// <summary>The share of the looked-up scores that were there; null where no build is on record.</summary>
    private static double? HitRate(ScorerHistory? known) => known?.Use is { } use && use.Found + use.Scored > 0 ? (double)use.Found / (use.Found + use.Scored) : null;

    private static string Day(DateTime? time) => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";

    private static void WriteJson(
        string folder, CacheSummary summary, IReadOnlyDictionary<string, ScorerHistory> history, IReadOnlyList<KnownProject> projects) => Json.Write(json =>
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
            var known = history.GetValueOrDefault(identity.Folder);
            json.WriteNumber("builds", known?.Use.Builds ?? 0);
            json.WriteNumber("found", known?.Use.Found ?? 0);
            json.WriteNumber("scored", known?.Use.Scored ?? 0);
            json.WriteNumberOrNull("hitRate", HitRate(known));
            json.WriteNumberOrNull("scoredPerSecond", known?.Use.Rate);
            json.WriteTexts("projects", known?.Projects ?? []);
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
        json.WriteStartArray("projects");
        foreach (var project in projects)
        {
            json.WriteStartObject();
            json.WriteString("project", project.Project);
            json.WriteBoolean("exists", project.IsThere);
            json.WriteString("built", project.Built.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteNumber("parts", project.Parts.Count);
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
