using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>clusters</c>: the largest sets of records that were taken for one.</summary>
internal static class ClustersCommand
{
    private const int DefaultTop = 10;
    private const int DefaultSamples = 3;
    private const int PreviewLength = 300;
    private const int MostChanges = 6;

    public static Command Create()
    {
        var project = new ProjectArguments();
        var top = new Option<int?>("--top")
        {
            Description = "How many clusters, the largest first; 10 by default.",
            HelpName = "N",
            CustomParser = argument => GivenValue.Number(argument, 1, int.MaxValue),
        };
        var samples = new Option<int?>("--samples")
        {
            Description = "How many of the dropped records of each, the least similar first; 3 by default.",
            HelpName = "N",
            CustomParser = argument => GivenValue.Number(argument, 0, int.MaxValue),
        };
        var stage = new Option<string?>("--stage") { Description = "Only what this stage dropped.", HelpName = "NAME" };
        var json = Invocation.JsonOption("the clusters as a JSON array");
        var command = new Command("clusters", "Shows the largest clusters of duplicates: the text that stays, and in what the others differ from it.") { project.Project, top, samples, stage, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var analysis = Watching.Analyze(ProjectPlan.Current(project.Read(parsed), screen, stop), screen, stop.Token);
            var clusters = new DuplicateClusters(analysis);
            var largest = clusters.Largest(parsed.GetValue(top) ?? DefaultTop, parsed.GetValue(samples) ?? DefaultSamples, parsed.GetValue(stage) is { } name ? NumberOf(analysis, name) : null);
            if (parsed.GetValue(json))
            {
                WriteJson(largest);
            }
            else
            {
                largest.ForEach(cluster => Show(cluster, screen));
                screen.Output.Line(clusters.Count == 1 ? "1 cluster" : $"{Numbers.Count(clusters.Count)} clusters{(clusters.Count > largest.Count ? $", the {largest.Count} largest shown" : "")}");
            }

            return ExitCodes.Done;
        });
    }

    private static int NumberOf(Analysis analysis, string name)
    {
        for (var number = 0; number < analysis.Stages.Count; number++)
        {
            var stage = analysis.Stages[number];
            if (stage.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return FindsDuplicates(stage) ? number : throw new UsageException($"the stage '{stage.Name}' is of the kind {stage.Kind}, which looks for no duplicates. {Others(analysis.Stages.Where(FindsDuplicates))}");
            }
        }

        var names = analysis.Stages.Select(stage => stage.Name).ToList();
        throw new UsageException($"there is no stage '{name}'. {(Spelling.Nearest(name, names) is { } near ? $"Did you mean {near}?" : $"The project's are {string.Join(", ", names)}.")}");
    }

    private static bool FindsDuplicates(Stage stage) => stage.Kind is "ExactDedup" or "NearDedup";

    private static string Others(IEnumerable<Stage> stages) =>
        string.Join(", ", stages.Select(stage => stage.Name)) is { Length: > 0 } names ? $"Those that do: {names}." : "The project has no stage that does.";

    private static void Show(DuplicateCluster cluster, Screen screen)
    {
        screen.Output.StyledLine($"[bold]{Numbers.Count(cluster.Size)} records[/] {Markup.Escape(Visible.Of(cluster.Survivor.ToString()))} stays");
        screen.Output.StyledLine($"[dim]{Markup.Escape(Visible.Start(cluster.Text, PreviewLength))}[/]");
        foreach (var member in cluster.Samples)
        {
            var jaccard = member.Jaccard is { } value ? $", Jaccard {Numbers.Score(value)}{(member.IsChained ? " to a record of the chain" : "")}" : "";
            var changes = member.Changes.Count == 0 ? "the same words" : string.Join(" … ", member.Changes.Take(MostChanges)) + (member.Changes.Count > MostChanges ? $" … and {member.Changes.Count - MostChanges} more" : "");
            screen.Output.Line($"  {Visible.Of(member.Place.ToString())} ({Visible.Of(member.Stage)}{jaccard}): {Visible.Start(changes, PreviewLength)}");
        }

        screen.Output.Line();
    }

    private static void WriteJson(List<DuplicateCluster> clusters) => Json.Write(json =>
    {
        json.WriteStartArray();
        foreach (var cluster in clusters)
        {
            json.WriteStartObject();
            json.WriteNumber("size", cluster.Size);
            cluster.Survivor.WriteTo(json, "survivor");
            json.WriteString("text", cluster.Text);
            json.WriteStartArray("samples");
            foreach (var member in cluster.Samples)
            {
                json.WriteStartObject();
                member.Place.WriteTo(json, "record");
                json.WriteString("stage", member.Stage);
                json.WriteNumberOrNull("jaccard", member.Jaccard);
                json.WriteBoolean("chained", member.IsChained);
                json.WriteStartArray("differences");
                foreach (var (removed, added) in member.Changes)
                {
                    json.WriteStartObject();
                    json.WriteString("removed", removed);
                    json.WriteString("added", added);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
