using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>build</c>: what <c>dotnet build</c> does for the data set, with progress to look at.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var project = new ProjectArguments();
        var json = Invocation.JsonOption("the result as a JSON object");
        var command = new Command("build", "Builds the data set of a project, showing progress, and ends with a table of its stages.") { project.Project, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, cancel) =>
        {
            var request = project.Read(parsed);
            var path = ProjectPlan.Write(request, screen, cancel);
            var plan = Plan.Load(path);
            var result = DatasetBuilder.TryUpToDate(path, plan.StatePath, out _)
                ?? Watching.Run(screen, observer => DatasetBuilder.Build(plan, observer, cancel));
            ListOutputs(plan, result);
            foreach (var warning in result.Warnings)
            {
                screen.Report(warning);
            }

            if (parsed.GetValue(json))
            {
                WriteJson(plan, result);
            }
            else
            {
                Show(plan, result, screen);
            }

            return ExitCodes.Done;
        });
    }

    /// <summary><c>dotnet clean</c> takes away what stands in this list; the build target keeps it too.</summary>
    private static void ListOutputs(Plan plan, BuildResult result)
    {
        var files = result.Outputs.Append(result.Manifest).Concat(result.Reports).Distinct(StringComparer.Ordinal);
        PrivateFile.WriteIfDifferent(Path.Combine(plan.StatePath, "outputs.txt"), System.Text.Encoding.UTF8.GetBytes(string.Concat(files.Select(file => file + Environment.NewLine))));
    }

    private static void Show(Plan plan, BuildResult result, Screen screen)
    {
        if (screen.Verbosity < Verbosity.Minimal)
        {
            return;
        }

        var stages = result.UpToDate ? BuiltManifest.Stages(result.Manifest) : result.Stages;
        if (stages.Count > 0)
        {
            screen.Output.WriteTable(StageRows.Table(stages, ofThisRun: !result.UpToDate));
        }

        var state = result.UpToDate ? "up to date: " : "";
        screen.Output.Line($"{state}kept {Numbers.Count(result.Kept)} of {Numbers.Count(result.Records)} records in {Visible.Of(Paths.Short(plan.OutputPath))}");
    }

    private static void WriteJson(Plan plan, BuildResult result) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("project", plan.Project);
        json.WriteBoolean("upToDate", result.UpToDate);
        json.WriteNumber("records", result.Records);
        json.WriteNumber("kept", result.Kept);
        json.WriteStartArray("stages");
        foreach (var stage in result.UpToDate ? BuiltManifest.Stages(result.Manifest) : result.Stages)
        {
            json.WriteStartObject();
            stage.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("outputs", result.Outputs);
        json.WriteTexts("reports", result.Reports);
        json.WriteString("manifest", result.Manifest);
        json.WriteEndObject();
    });
}
