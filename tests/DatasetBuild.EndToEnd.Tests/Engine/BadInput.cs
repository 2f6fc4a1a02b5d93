using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>A subset that was built before, to which something bad is added: what the tests of bad input have in common.</summary>
internal sealed class BadInput : IDisposable
{
    public BadInput(params (string Name, string Value)[] stage)
    {
        Project = new EngineProject { Stages = stage.Length > 0 ? [("Stage", stage)] : [("Duplicates", [("Kind", "ExactDedup")])] };
        Project.WriteShard("a.jsonl", Messages.Counting("rivers", Good));
    }

    /// <summary>How many records there are besides the bad ones.</summary>
    public const int Good = 5;

    public EngineProject Project { get; }

    public string BadShard => Path.Combine(Project.DataPath, "bad.jsonl");

    /// <summary>Writes what cannot be read into a shard of its own.</summary>
    public BadInput WithBadShard(byte[] content)
    {
        File.WriteAllBytes(BadShard, content);
        return this;
    }

    /// <summary>Builds without what is bad, adds it, and builds again: one error, and nothing has changed.</summary>
    public Problem ShouldBeRefused(Action<BadInput> spoil, int exitCode = 1, Func<EngineProject, EngineOutput>? build = null)
    {
        Project.Run().ShouldSucceed();
        var before = Stamps();
        spoil(this);
        var output = build?.Invoke(Project) ?? Project.Run();
        output.ExitCode.ShouldBe(exitCode, output.Text);
        Stamps().ShouldBe(before, ignoreOrder: true);
        Project.Leftovers().ShouldBeEmpty();
        return output.Errors().ShouldHaveSingleItem();
    }

    public void Dispose() => Project.Dispose();

    /// <summary>Every file of subset and report, with what changes when somebody writes to it.</summary>
    private Dictionary<string, string> Stamps() => FileStamp.Under(Project.OutputPath, Project.ReportPath);
}

/// <summary>A diagnostic of the engine.</summary>
internal sealed record Problem(string Severity, string Code, string Message, string File, int Line, int Column)
{
    /// <summary>Where it is, and what: the message's words are for people.</summary>
    public (string Code, string File, int Line, int Column) Place => (Code, File, Line, Column);
}

internal static class EngineProblems
{
    public static List<Problem> Errors(this EngineOutput output) => [.. output.Problems().Where(problem => problem.Severity == "error")];

    public static List<Problem> Warnings(this EngineOutput output) => [.. output.Problems().Where(problem => problem.Severity == "warning")];

    private static IEnumerable<Problem> Problems(this EngineOutput output) => output.Events
        .Where(line => line.GetProperty("event").GetString() == "diagnostic")
        .Select(line => new Problem(Text(line, "severity"), Text(line, "code"), Text(line, "message"), Text(line, "file"), line.GetProperty("line").GetInt32(), line.GetProperty("column").GetInt32()));

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString()!;
}
