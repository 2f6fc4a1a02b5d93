using System.CommandLine;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache verify</c>: reads every block against its checksum, and scores a sample of the records again.</summary>
internal static class CacheVerifyCommand
{
    public static Command Create()
    {
        var cache = CacheCommand.FolderOption();
        var project = new ProjectArguments();
        project.Project.Description = "The project whose records are scored again, and whose cache is read. The default are all projects that have built with the cache.";
        var sample = new Option<int?>("--sample")
        {
            Description = "Also scores so many of the stored records again and compares the scores bit by bit.",
            HelpName = "N",
            CustomParser = argument => GivenValue.Number(argument, 1, int.MaxValue),
        };
        var seed = new Option<long?>("--seed")
        {
            Description = "Chooses the records of the sample. The default is another one each time, and told.",
            HelpName = "NUMBER",
            CustomParser = argument => GivenValue.Number(argument, long.MinValue, long.MaxValue),
        };
        var remove = new Option<bool>("--remove-damaged") { Description = "Deletes the files that are named as damaged; what they held is computed again when it is needed." };
        var json = Invocation.JsonOption("the findings as a JSON object");
        var command = new Command("verify", "Reads every block of the cache and checks it. What is damaged is named; builds leave it out and compute it again.") { project.Project, sample, seed, remove, cache, json };
        project.AddOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(seed) is not null && result.GetResult(sample) is null)
            {
                result.AddError("--seed chooses the records of a sample. Give --sample too.");
            }
        });
        return command.Running((parsed, screen, stop) =>
        {
            var given = parsed.GetValue(project.Project) is null ? null : ProjectPlan.Current(project.Read(parsed), screen, stop);
            var folder = parsed.GetValue(cache) is null && given is not null ? given.CachePath : CacheCommand.Folder(parsed.GetValue(cache), project, parsed, screen, stop);
            var check = Watching.Run(screen, (IBuildObserver observer) => CacheCheck.Run(folder, (done, total) => observer.Progress("Verify", done, total, 0), stop.Token));
            var removed = parsed.GetValue(remove) ? check.RemoveDamaged() : [];
            var sampled = parsed.GetValue(sample) is { } size ? CacheSample.Take(folder, given, size, parsed.GetValue(seed) ?? Random.Shared.Next(), screen, stop.Token) : null;
            if (parsed.GetValue(json))
            {
                WriteJson(folder, check, removed, sampled);
            }
            else
            {
                Show(folder, check, removed, screen);
                sampled?.Show(screen);
            }

            return check.Damaged.Count > removed.Count || sampled?.Differences.Any() == true ? ExitCodes.Failed : ExitCodes.Done;
        });
    }

    private static void Show(string folder, CacheCheck check, IReadOnlyList<string> removed, Screen screen)
    {
        foreach (var path in check.Damaged)
        {
            screen.Report(new Diagnostic(
                Severity.Warning, CacheCodes.DamagedFile, "A cached file is damaged; what it held is computed again when it is needed. If this recurs, check the disk.", path));
        }

        var found = check.Damaged.Count == 0 ? "all sound" : $"{Numbers.Count(check.Damaged.Count)} damaged{(removed.Count > 0 ? $", {Numbers.Count(removed.Count)} removed" : "")}";
        screen.Output.Line($"{Visible.Of(folder)}: {Numbers.Counted(check.Files, "file")}, {Numbers.Bytes(check.Bytes)}: {found}");
        if (check.Damaged.Count > removed.Count)
        {
            screen.Say("Builds replace what they read of it; `--remove-damaged` deletes all that is damaged.");
        }
    }

    private static void WriteJson(string folder, CacheCheck check, IReadOnlyList<string> removed, CacheSample? sampled) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("path", folder);
        json.WriteNumber("files", check.Files);
        json.WriteNumber("bytes", check.Bytes);
        json.WriteTexts("damaged", check.Damaged);
        json.WriteTexts("removed", removed);
        sampled?.WriteTo(json);
        json.WriteEndObject();
    });
}
