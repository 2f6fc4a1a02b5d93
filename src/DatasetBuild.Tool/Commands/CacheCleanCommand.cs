using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache gc</c>: removes what was not used for long, and never what a project that is still there needs.</summary>
internal static partial class CacheCleanCommand
{
    private const int MostDays = 36_500;

    public static Command Create()
    {
        var cache = CacheCommand.FolderOption();
        var project = new ProjectArguments();
        var size = new Option<long?>("--max-size")
        {
            Description = "Removes what was used longest ago until the cache is no larger: bytes, or with a unit such as 500MB, 20GB, 1GiB.",
            HelpName = "SIZE",
            CustomParser = ParseSize,
        };
        var days = new Option<int?>("--keep-days")
        {
            Description = "Removes what was not used for so many days.",
            HelpName = "DAYS",
            CustomParser = argument => GivenValue.Number(argument, 0, MostDays),
        };
        var trial = new Option<bool>("--dry-run") { Description = "Says what would go, and removes nothing." };
        var json = Invocation.JsonOption("what went as a JSON object");
        var command = new Command("gc", "Removes what was not used for long. What a project that is still there used in its last build stays, and so does all that was used within the last hour.")
        {
            project.Project, cache, size, days, trial, json,
        };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var rules = new CollectionRules
            {
                MaxBytes = parsed.GetValue(size),
                KeepFor = parsed.GetValue(days) is { } count ? TimeSpan.FromDays(count) : null,
                IsTrial = parsed.GetValue(trial),
            };
            if (rules.MaxBytes is null && rules.KeepFor is null)
            {
                throw new UsageException("say what is to go: --max-size, --keep-days, or both. --dry-run shows it first.");
            }

            var folder = CacheCommand.Folder(parsed.GetValue(cache), project, parsed, screen, stop);
            var collection = CacheCollector.Collect(folder, rules);
            if (parsed.GetValue(json))
            {
                WriteJson(folder, rules, collection);
            }
            else
            {
                Show(folder, rules, collection, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static void Show(string folder, CollectionRules rules, Collection collection, Screen screen)
    {
        foreach (var part in collection.Parts)
        {
            screen.Say($"{Visible.Of(part.Path)}: {Numbers.Bytes(part.Bytes)}, last used {part.LastUsed.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", Verbosity.Detailed);
        }

        var verb = rules.IsTrial ? "would go" : "removed";
        screen.Output.Line($"{Visible.Of(folder)}: {verb} {Numbers.Bytes(collection.Bytes)} in {Numbers.Counted(collection.Parts.Count, "part")}, {Numbers.Bytes(collection.BytesAfter)} stay");
        if (collection.BytesAfter > rules.MaxBytes)
        {
            screen.Output.Line(
                $"That is more than {Numbers.Bytes(rules.MaxBytes.Value)}: {Numbers.Bytes(collection.NeededBytes)} are what known projects used in their last builds, and what was used within the last hour stays too.");
        }
    }

    private static void WriteJson(string folder, CollectionRules rules, Collection collection) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("path", folder);
        json.WriteBoolean("dryRun", rules.IsTrial);
        json.WriteNumber("bytesBefore", collection.BytesBefore);
        json.WriteNumber("bytesAfter", collection.BytesAfter);
        json.WriteNumber("neededBytes", collection.NeededBytes);
        json.WriteStartArray("removed");
        foreach (var part in collection.Parts)
        {
            json.WriteStartObject();
            json.WriteString("path", part.Path);
            json.WriteNumber("bytes", part.Bytes);
            json.WriteString("lastUsed", part.LastUsed.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static long? ParseSize(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        var parts = Size().Match(text);
        if (parts.Success)
        {
            var unit = parts.Groups[2].Value.ToUpperInvariant() switch
            {
                "" or "B" => 1m,
                "KB" => 1e3m,
                "MB" => 1e6m,
                "GB" => 1e9m,
                "TB" => 1e12m,
                "KIB" => 1L << 10,
                "MIB" => 1L << 20,
                "GIB" => 1L << 30,
                _ => 1L << 40,
            };
            var bytes = decimal.Parse(parts.Groups[1].Value, CultureInfo.InvariantCulture) * unit;
            if (bytes <= long.MaxValue)
            {
                return (long)bytes;
            }
        }

        result.AddError($"'{text}' is no size: a number of bytes, or one with a unit, such as 500MB, 20GB or 1GiB.");
        return null;
    }

    [GeneratedRegex(@"^([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(B|[KMGT]i?B)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Size();
}
