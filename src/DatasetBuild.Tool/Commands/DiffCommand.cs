using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>diff</c>: what differs between two builds, record by record, and why.</summary>
internal static class DiffCommand
{
    private const int UsualExamples = 5;

    public static Command Create()
    {
        var before = new Argument<string?>("BEFORE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A project: what its last build changed. Or, to compare with AFTER: a project, a dataset's folder, its report, or a manifest.",
        };
        var after = new Argument<string?>("AFTER")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The same, as it is now. The default is the project in the current folder.",
        };
        var markdown = new Option<bool>("--markdown") { Description = "Writes Markdown, as for a comment on a pull request." };
        var examples = new Option<int>("--examples")
        {
            Description = $"How many records of each kind of change are named; {UsualExamples} where it is not given.",
            HelpName = "COUNT",
            DefaultValueFactory = _ => UsualExamples,
            CustomParser = argument => GivenValue.Number(argument, 0, int.MaxValue),
        };
        var json = Invocation.JsonOption("every record that differs, and the counts, as a JSON object");
        var project = new ProjectArguments();
        var command = new Command("diff", "Compares two builds: records that were added, removed, edited, rescued, displaced or moved, each with its cause.") { before, after, markdown, examples, json };
        project.AddOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(markdown) && result.GetValue(json))
            {
                result.AddError("--markdown and --json are two forms of one answer. Choose one.");
            }
        });
        return command.Running((parsed, screen, stop) =>
        {
            var difference = Find(parsed.GetValue(before), parsed.GetValue(after), place => ProjectPlan.Current(project.Read(parsed, place), screen, stop));
            if (parsed.GetValue(json))
            {
                DifferenceJson.Write(difference, stop.Token);
                return ExitCodes.Done;
            }

            var text = new DifferenceText(difference, parsed.GetValue(examples), stop.Token);
            if (parsed.GetValue(markdown))
            {
                text.WriteMarkdown(screen.Data);
            }
            else
            {
                text.Show(screen);
            }

            return ExitCodes.Done;
        });
    }

    private static DatasetDifference Find(string? before, string? after, Func<string?, Plan> planOf)
    {
        if (after is null && (before is null || ProjectRequest.IsProject(before)))
        {
            var plan = planOf(before);
            return new DatasetDifference(BuiltDataset.BeforeLast(plan), BuiltDataset.OfProject(plan));
        }

        return new DatasetDifference(Open(before), Open(after));

        BuiltDataset Open(string? place) => place is null || ProjectRequest.IsProject(place) ? BuiltDataset.OfProject(planOf(place))
            : Path.Exists(place) ? BuiltDataset.Open(Path.GetFullPath(place))
            : throw new UsageException($"'{place}' does not exist. Name a project, or the folder of a dataset that was built.");
    }
}
