using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary>What a terminal would obey is shown by its number, whichever command quotes it and however.</summary>
public sealed class HostileOutputTests
{
    private const string Role = "\\u001b[31mwizard\\u0007\\n\\u009b2J";

    [Fact]
    public void Control_sequences_in_data_and_names_are_shown_escaped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names that its file systems do not take");
        const string name = "data/x\u001b]0;owned\u0007.jsonl";
        using var plan = Samples.TwoShards().Shard(name, Samples.Record("oak", 3, 2), $$"""{"messages":[{"role":"user","content":"Say {{Role}}."},{"role":"assistant","content":"{{Role}} is here"}],"quality":3}""");
        plan.Build();
        string[][] questions = [["explain", "oak"], ["explain", name + ":2"], ["stats"], ["status"], ["check"]];
        foreach (var question in questions)
        {
            foreach (var format in (string[][])[[], ["--json"]])
            {
                ShouldBeHarmless(plan.Run(question[0], [.. question[1..], .. format]), string.Join(' ', question));
            }
        }

        // Rows in a file or a pipe are data, and name a shard as it is called; those on a screen are to be read.
        DatasetTool.RunInTerminal(200, ["scores", plan.File]).ShouldExitWith(0).Output.ShouldSatisfyAllConditions(
            screen => screen.ShouldContain(@"x\u001b]0;owned\u0007.jsonl"),
            screen => screen.ShouldNotContain("\u001b]0;owned"));
        plan.Run("scores").ShouldExitWith(0).Output.ShouldContain(name + ",1,");

        plan.Shard(name, $$"""{"messages":[{"role":"{{Role}}","content":"a"}]}""");
        ShouldBeHarmless(plan.Run("check").ShouldExitWith(1), "check").Output.ShouldContain(@"x\u001b]0;owned\u0007.jsonl(1,23): error DSB1008: the role '\u001b[31mwizard\u0007\n\u009b2J'");
        ShouldBeHarmless(plan.Run("check", "--json").ShouldExitWith(1), "check --json").Json[2].GetProperty("errors")[0].GetProperty("message").GetString()!.ShouldContain("\u001b[31mwizard");
        ShouldBeHarmless(plan.Run("build").ShouldExitWith(1), "build");
        ShouldBeHarmless(plan.Run("status").ShouldExitWith(0), "status");
    }

    private static ToolOutput ShouldBeHarmless(ToolOutput output, string question)
    {
        foreach (var text in (string[])[output.Output, output.Error])
        {
            text.Where(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')).ShouldBeEmpty($"{question}: {text}");
        }

        return output;
    }
}
