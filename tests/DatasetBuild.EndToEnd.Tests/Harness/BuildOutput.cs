using System.Text.RegularExpressions;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>What a build said, and how it ended.</summary>
internal sealed record BuildOutput(int ExitCode, string Text)
{
    public BuildOutput ShouldSucceed()
    {
        ExitCode.ShouldBe(0, Text);
        Text.ShouldContain("0 Warning(s)");
        return this;
    }

    public BuildOutput ShouldFail()
    {
        ExitCode.ShouldBe(1, Text);
        return this;
    }

    /// <summary>The counts of one stage, as its message of normal importance gives them: entered, kept, dropped, missing, scored, cached.</summary>
    public int Of(string stage, string count)
    {
        var line = Regex.Match(Text, $"^ *{Regex.Escape(stage)}: (.*)$", RegexOptions.Multiline);
        line.Success.ShouldBeTrue($"no line for stage '{stage}' in\n{Text}");
        return int.Parse(Regex.Match(line.Groups[1].Value, $"{count} ([0-9,]+)").Groups[1].Value.Replace(",", ""), null);
    }
}
