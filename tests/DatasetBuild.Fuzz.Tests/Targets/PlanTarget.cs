using System.Text;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Pipeline;
using DatasetBuild.Tests.Pipeline;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>The plan of a project: it is read, or it is an error of the project with a code.</summary>
internal sealed class PlanTarget : FuzzTarget
{
    public override string Name => "plan";

    public override bool IsJson => true;

    public override int ShortRun => 10_000;

    public override IReadOnlyList<string> Words { get; } =
    [
        "\"version\":1", "\"project\":", "\"outputPath\":", "\"statePath\":", "\"cachePath\":", "\"reportPath\":", "\"properties\":", "\"metadata\":", "\"definedIn\":", "\"shards\":", "\"base\":", "\"evaluation\":",
        "\"stages\":", "\"name\":", "\"path\":", "\"\"", "\"/\"", "\"..\"", "\"a\"", "\"A\"", "null", "[]", "{}", "1e99", "-1", "\\u0000", "\\ud800", "\"Dialect\":", "\"CanonicalPath\":", "\"Priority\":", "\"99999999999\"",
        "\"DatasetThreads\":", "\"DatasetMaxRecordBytes\":", "\"DatasetMemoryLimit\":", "\"DatasetOutputShards\":", "\"DatasetValidationSplit\":", "\"Kind\":", "\"Min\":", "\"Max\":", "\"Keep\":", string.Concat(Enumerable.Repeat("[", 80)),
    ];

    public override IEnumerable<byte[]> Seeds()
    {
        var project = new TestProject(Scratch.At("project"));
        yield return Encoding.UTF8.GetBytes(project.PlanJson().Replace(Scratch.Root, "/base", StringComparison.Ordinal));
        project.Shard("a.jsonl", [], ("Dialect", "Alpaca"), ("CanonicalPath", "c/a.jsonl"), ("Priority", "2"));
        project.Shard("b.jsonl", [], ("PromptField", "q"), ("ResponseField", "a"));
        project.Stage("Short", ("Kind", "TokenLength"), ("Min", "8"), ("Max", "")).Stage("ExactDedup").Stage("Random", ("Keep", "6%"), ("Seed", "1"));
        foreach (var (name, value) in (IEnumerable<(string, string)>)[("DatasetName", "n"), ("DatasetMaxRecordBytes", "1000"), ("DatasetOutputShards", "2"), ("DatasetValidationSplit", "5%"), ("DatasetOutputSchema", "")])
        {
            project.Properties[name] = value;
        }

        yield return Encoding.UTF8.GetBytes(project.PlanJson().Replace(Scratch.Root, "/base", StringComparison.Ordinal));
    }

    public override string Run(byte[] input)
    {
        try
        {
            var plan = Plan.Parse(input, "plan.json");
            _ = plan.ProjectName + plan.CachePath + plan.Display(plan.OutputPath) + plan.Resolve("a");
            return $"{plan.Shards.Count} {plan.Stages.Count} {plan.Properties.Count} {SettingsOf(plan)}";
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '2'), "an error of the plan has another code");
            return $"{error.Diagnostic.Code} {string.Concat(error.Diagnostic.Message.Where(char.IsAsciiLetter).Take(24))}";
        }
    }

    private static string SettingsOf(Plan plan)
    {
        try
        {
            return $"threads {new Settings(plan).Threads}";
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '2'), "an error of a property has another code");
            return string.Concat(error.Diagnostic.Message.Where(char.IsAsciiLetter).Take(24));
        }
    }
}
