using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>build</c>: what <c>dotnet build</c> does, with the progress of the data sets to look at.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var project = new ProjectArguments();
        var words = new Argument<string[]>("PROJECT")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A project, a solution, a folder that holds one, or a written plan.json. The default is the current folder. What stands behind `--` is passed on to `dotnet build`.",
        };
        var clean = new Option<bool>("--verify-clean") { Description = "Builds the same once more from nothing into a temporary folder, and compares every byte." };
        var rescore = new Option<string[]>("--rescore")
        {
            Description = "Drops the stored scores of a stage for the records of this project, and scores them again. It may be given several times.",
            HelpName = "STAGE",
            Arity = ArgumentArity.OneOrMore,
        };
        var time = new Option<TimeSpan?>(TimeLimit.Option)
        {
            Description = "Stops in order after so long, such as 90s, 10m or 1.5h: what is scored is kept, no subset is written, and the next build goes on from there.",
            HelpName = "TIME",
            CustomParser = argument =>
            {
                if (TimeLimit.TryParse(argument.Tokens[0].Value, out var limit))
                {
                    return limit;
                }

                argument.AddError($"'{argument.Tokens[0].Value}' is no time. {TimeLimit.Example}");
                return null;
            },
        };
        var trial = new Option<bool>("--dry-run") { Description = "Says what a build would score, from where it would take the rest, and how long that takes. Nothing is built." };
        var json = Invocation.JsonOption("an array with the result of each data set, or with --dry-run or after a failure an object,");
        var command = new Command("build", "Builds data sets, showing progress, and ends with a table of their stages.") { words, clean, rescore, time, trial, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(clean) && result.GetValue(trial))
            {
                result.AddError("--dry-run builds nothing that --verify-clean could look at. Choose one.");
            }

            if (result.GetResult(time) is not null && result.GetValue(trial))
            {
                result.AddError("--dry-run builds nothing that --limit-time could stop. Choose one.");
            }
        });
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var passedOn = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Select(token => token.Value).ToList();
            var given = (parsed.GetValue(words) ?? []).SkipLast(passedOn.Count).ToList();
            if (given.Count > 1)
            {
                throw new UsageException($"'{given[1]}' is one word too many: name one project or solution.");
            }

            var stages = parsed.GetValue(rescore) ?? [];
            var isOne = parsed.GetValue(trial) || stages.Length > 0;
            var request = isOne ? OneProject(project.Read(parsed, given.FirstOrDefault())) : project.ReadForBuild(parsed, given.FirstOrDefault());
            if (parsed.GetValue(trial))
            {
                var plan = ProjectPlan.Current(request, screen, stop, out var staleReferences);
                return BuildDryRun.Run(plan, staleReferences, stages, parsed.GetValue(json), screen, stop.Token);
            }

            var (exit, results) = request.IsPlan ? (ExitCodes.Done, BuildPlan(request, stages, parsed.GetValue(time), screen, stop))
                : BuildProject(request.Rescoring(stages).Limited(parsed.GetValue(time)), passedOn, screen, stop);
            if (exit == ExitCodes.Done && parsed.GetValue(clean))
            {
                results = [.. results.Select(result => result with { Clean = BuildVerification.Run(result, screen, stop) })];
                exit = results.Any(result => result.Clean!.Different > 0) ? ExitCodes.Failed : ExitCodes.Done;
            }

            if (!parsed.GetValue(json))
            {
                Show(results, exit, screen);
            }
            else if (exit == ExitCodes.Done || results.Any(result => result.Clean is not null))
            {
                WriteJson(results); // a comparison with a clean build is an answer, whatever it says
            }
            else
            {
                FailureJson.Write(exit, screen.Errors, results);
            }

            return exit;
        });
    }

    private static ProjectRequest OneProject(ProjectRequest request) =>
        request.IsPlan || Path.GetExtension(request.File).EndsWith("proj", StringComparison.OrdinalIgnoreCase)
            ? request
            : throw new UsageException($"'{Path.GetFileName(request.File)}' is no project, and --dry-run and --rescore are about one. Name its file, or the folder that holds it.");

    private static IReadOnlyList<DatasetResult> BuildPlan(ProjectRequest request, string[] rescore, TimeSpan? limit, Screen screen, StopRequest stop)
    {
        var plan = Plan.Load(request.File);
        var current = Rescoring.Find(plan, rescore).Count > 0 ? null : DatasetBuilder.TryUpToDate(request.File, plan.StatePath, out _);
        var result = current ?? Watching.Run(
            screen, (IBuildObserver observer) => TimeLimit.Run(limit, cancel => DatasetBuilder.BuildIfChanged(plan, observer, cancel, rescore, Engines.Models), stop.Token));
        ListOutputs(plan, result);
        foreach (var warning in result.Warnings)
        {
            screen.Report(warning);
        }

        return [DatasetResult.Of(plan, request.File, result)];
    }

    private static (int Exit, IReadOnlyList<DatasetResult> Results) BuildProject(ProjectRequest request, List<string> passedOn, Screen screen, StopRequest stop)
    {
        var (exit, text, events) = Watching.Run(screen, (IRows rows) =>
        {
            var events = new BuildEvents(screen, rows);
            var (exit, text) = ProjectBuild.Run(request, passedOn, events, stop);
            return (exit, text, events);
        });
        stop.Token.ThrowIfCancellationRequested();
        var errors = events.Errors.ToList();

        // On a busy machine the client of MSBuild's server can lose how a build ended, and then ends with 1 itself (dotnet/msbuild#14172).
        exit = events.Succeeded ? 0 : exit;
        if (exit != 0 && errors.Count == 0)
        {
            // What is wrong with the command line is said before there is a logger to say it to.
            throw new MSBuildFailedException(
                text.Length > 0 ? MSBuild.ErrorsIn(text) : $"`dotnet build` ended with exit code {exit} and did not say why.", MSBuild.IsMistake(text));
        }

        screen.Say(text.TrimEnd(), Verbosity.Detailed);
        if (exit != 0)
        {
            if (errors.Any(error => error.Code == PassCodes.TimeIsUp))
            {
                return (ExitCodes.Interrupted, events.Results);
            }

            return (errors.Any(error => MSBuild.IsMistake($"error {error.Code}")) ? ExitCodes.Mistake : ExitCodes.Failed, events.Results);
        }

        return events.Results.Count > 0 ? (ExitCodes.Done, events.Results) : throw new UsageException(
            $"'{Path.GetFileName(Path.TrimEndingDirectorySeparator(request.File))}' was built, but no project in it has a data set. One has that references the package DatasetBuild.");
    }

    /// <summary><c>dotnet clean</c> takes away what stands in this list; the build target keeps it too.</summary>
    private static void ListOutputs(Plan plan, BuildResult result)
    {
        var files = result.Outputs.Append(result.Manifest).Concat(result.Reports).Distinct(StringComparer.Ordinal);
        PrivateFile.WriteIfDifferent(Path.Combine(plan.StatePath, "outputs.txt"), Encoding.UTF8.GetBytes(string.Concat(files.Select(file => file + Environment.NewLine))));
    }

    private static void Show(IReadOnlyList<DatasetResult> results, int exit, Screen screen)
    {
        if (screen.Verbosity < Verbosity.Minimal)
        {
            return;
        }

        foreach (var (number, result) in results.Index())
        {
            if (number > 0)
            {
                screen.Output.Line();
            }

            if (result.Stages.Count > 0)
            {
                screen.Output.WriteTable(StageRows.Table(result.Stages, !result.UpToDate, screen.Output.Profile.Width));
            }

            // Where something else failed, it has to be clear that this is not the whole.
            var name = results.Count > 1 || exit != ExitCodes.Done ? $"{Visible.Of(result.Name)}: " : "";
            var state = result.UpToDate ? "up to date: " : "";
            screen.Output.Line($"{name}{state}kept {Numbers.Count(result.Kept)} of {Numbers.Count(result.Records)} records in {Visible.Of(Paths.Short(result.OutputPath))}");
            if (result.Clean is { } comparison)
            {
                BuildVerification.Show(comparison, screen);
            }
        }
    }

    private static void WriteJson(IReadOnlyList<DatasetResult> results) => Json.Write(json =>
    {
        json.WriteStartArray();
        foreach (var result in results)
        {
            result.WriteTo(json);
        }

        json.WriteEndArray();
    });
}
