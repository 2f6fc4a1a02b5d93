using System.CommandLine;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache verify</c>: reads every block against its checksum.</summary>
internal static class CacheVerifyCommand
{
    public static Command Create()
    {
        var cache = CacheCommand.FolderOption();
        var json = Invocation.JsonOption("the findings as a JSON object");
        var command = new Command("verify", "Reads every block of the cache and checks it. What is damaged is named; builds leave it out and compute it again.") { cache, json };
        return command.Running((parsed, screen, stop) =>
        {
            var folder = CacheCommand.Folder(parsed.GetValue(cache));
            var check = Watching.Run(screen, (IBuildObserver observer) => CacheCheck.Run(folder, (done, total) => observer.Progress("Verify", done, total, 0), stop.Token));
            if (parsed.GetValue(json))
            {
                WriteJson(folder, check);
            }
            else
            {
                Show(folder, check, screen);
            }

            return check.Damaged.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
        });
    }

    private static void Show(string folder, CacheCheck check, Screen screen)
    {
        foreach (var path in check.Damaged)
        {
            screen.Report(new Diagnostic(
                Severity.Warning, CacheCodes.DamagedFile, "A cached file is damaged; what it held is computed again when it is needed. If this recurs, check the disk.", path));
        }

        var found = check.Damaged.Count == 0 ? "all sound" : $"{Numbers.Count(check.Damaged.Count)} damaged";
        screen.Output.Line($"{Visible.Of(folder)}: {Numbers.Counted(check.Files, "file")}, {Numbers.Bytes(check.Bytes)}: {found}");
    }

    private static void WriteJson(string folder, CacheCheck check) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("path", folder);
        json.WriteNumber("files", check.Files);
        json.WriteNumber("bytes", check.Bytes);
        json.WriteStartArray("damaged");
        foreach (var path in check.Damaged)
        {
            json.WriteStringValue(path);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
