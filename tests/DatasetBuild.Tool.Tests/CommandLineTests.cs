using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class CommandLineTests
{
    private const char Escape = '\u001b';

    [Theory]
    [InlineData]
    [InlineData("buidl")]
    [InlineData("build", "--nothing")]
    [InlineData("build", "nowhere.csproj")]
    [InlineData("build", "-p", "NoValue")]
    [InlineData("build", "--verbosity", "loud")]
    [InlineData("explain")]
    [InlineData("tokenize", "text")]
    [InlineData("signature", "text", "--preset", "Other")]
    [InlineData("cache")]
    public void A_mistake_in_the_command_line_exits_with_2_and_is_told_on_standard_error(params string[] arguments) =>
        DatasetTool.Run(arguments).ShouldExitWith(2).Error.ShouldNotBeEmpty();

    [Theory]
    [InlineData("build", "--jsn")]
    [InlineData("status", ".", "--jsn")]
    [InlineData("check", "--jsn")]
    [InlineData("explain", "data/a.jsonl:1", "--jsn")]
    [InlineData("explain", "--jsn")]
    [InlineData("tokenize", "--jsn", "--tokenizer", "ranks.tiktoken")]
    public void An_option_that_does_not_exist_is_named(params string[] arguments)
    {
        var output = DatasetTool.Run(arguments).ShouldExitWith(2);
        output.Error.ShouldContain("'--jsn'");
        output.Error.ShouldNotContain("does not exist");
    }

    [Fact]
    public void An_option_that_was_meant_is_guessed() => DatasetTool.Run("build", "--jsn").ShouldExitWith(2).Error.ShouldContain("Did you mean --json?");

    [Theory]
    [InlineData("PROJECT", "build", "")]
    [InlineData("--template", "render", "--template", "", "data/a.jsonl:1")]
    [InlineData("--tokenizer", "tokenize", "--tokenizer", " ", "text")]
    [InlineData("--cache", "cache", "info", "--cache", "")]
    [InlineData("--configuration", "status", "--configuration", "")]
    public void An_empty_value_is_a_mistake_that_names_its_option(string name, params string[] arguments) =>
        DatasetTool.Run(arguments).ShouldExitWith(2).Error.ShouldStartWith($"{name} is empty.");

    [Fact]
    public void An_empty_text_is_a_text() => DatasetTool.Run("signature", "", "--json").ShouldExitWith(0);

    [Theory]
    [InlineData("build", "--nothing", "--json")]
    [InlineData("build", "", "--json")]
    [InlineData("build", "--json", "--verbosity", "loud")]
    public void Who_asked_for_JSON_gets_a_mistake_in_the_command_line_as_JSON_too(params string[] arguments)
    {
        var output = DatasetTool.Run(arguments).ShouldExitWith(2);
        output.Json.GetProperty("exitCode").GetInt32().ShouldBe(2);
        output.Error.ShouldStartWith(output.Json.GetProperty("errors")[0].GetProperty("message").GetString()!);
    }

    [Fact]
    public void What_looks_like_an_option_but_is_none_goes_behind_two_hyphens()
    {
        using var plan = new SamplePlan().Shard("a.jsonl", Messages.Chat("Which option?", "--jsn"));
        plan.Run("explain", "--", "--jsn").ShouldExitWith(0).Output.ShouldContain("--jsn");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("build", "--help")]
    [InlineData("explain", "--help")]
    public void Help_is_an_answer(params string[] arguments) => DatasetTool.Run(arguments).ShouldExitWith(0).Output.ShouldContain("Usage:");

    [Fact]
    public void The_version_is_told() => DatasetTool.Run("--version").ShouldExitWith(0).Output.ShouldMatch(@"^\d+\.\d+\.\d+");

    [Theory]
    [InlineData("build")]
    [InlineData("status")]
    [InlineData("stats")]
    [InlineData("check")]
    [InlineData("scores")]
    public void Redirected_output_has_no_escape_sequences_and_no_blanks_at_the_ends_of_lines(string command)
    {
        using var plan = Samples.TwoShards();
        var output = plan.Run(command).ShouldExitWith(0);
        (output.Output + output.Error).ShouldNotContain(Escape);
        output.Lines.ShouldAllBe(line => !line.EndsWith(' '));
    }

    [Fact]
    public void Quiet_says_nothing_beside_the_answer()
    {
        using var plan = Samples.TwoShards();
        var output = plan.Run("build", "--verbosity", "quiet").ShouldExitWith(0);
        (output.Output + output.Error).ShouldBeEmpty();
    }

    [Fact]
    public void Colours_show_in_a_terminal_unless_NO_COLOR_is_set()
    {
        using var plan = Samples.TwoShards();
        DatasetTool.RunInTerminal(["status", plan.File]).ShouldExitWith(0).Output.ShouldContain($"{Escape}[38;5;");
        var plain = DatasetTool.RunInTerminal(["status", plan.File], ("NO_COLOR", "1")).ShouldExitWith(0).Output;
        plain.ShouldContain("sample is stale");
        plain.ShouldNotContain($"{Escape}[38;5;");
    }

    [Fact]
    public void The_engine_starts_without_the_libraries_of_the_command_line()
    {
        using var plan = Samples.TwoShards();
        var folder = plan.PathOf("engine");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Built.Engine)!)
            .Where(file => !Path.GetFileName(file).StartsWith("System.CommandLine", StringComparison.Ordinal) && !file.EndsWith("Spectre.Console.dll", StringComparison.Ordinal) && !file.EndsWith(".deps.json", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        // Its input is at its end at once, which stops it: that it says so in order is enough here.
        DatasetTool.Start("dotnet", folder, ["exec", Path.Combine(folder, "dotnet-dataset.dll"), "engine", plan.File]).ExitCode.ShouldBeOneOf(0, 130);
    }

    [Fact]
    public void The_cache_says_what_it_holds()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        var summary = DatasetTool.Run("cache", "info", "--cache", plan.CachePath, "--json").ShouldExitWith(0).Json;
        summary.GetProperty("scores")[0].GetProperty("description").GetString().ShouldBe("Length of Response, counter words");
        summary.GetProperty("scores")[0].GetProperty("entries").GetInt64().ShouldBe(9);
        summary.GetProperty("derived").EnumerateArray().Select(kind => kind.GetProperty("kind").GetString()).ShouldContain("shard-index");
    }
}
