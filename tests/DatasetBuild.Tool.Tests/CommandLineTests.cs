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
        output.Json.GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("DSB2070");
    }

    [Theory]
    [InlineData("--top takes a whole number from 1, not 'x'.", "clusters", "--top", "x")]
    [InlineData("--samples takes a whole number from 0, not '-1'.", "clusters", "--samples", "-1")]
    [InlineData("--keep-days takes a whole number from 0 to 36500, not '1.5'.", "cache", "gc", "--keep-days", "1.5")]
    [InlineData("--sample takes a whole number from 1, not '0'.", "cache", "verify", "--sample", "0")]
    [InlineData("--seed takes a whole number, not 'one'.", "cache", "verify", "--sample", "1", "--seed", "one")]
    [InlineData("--examples takes a whole number from 0, not 'all'.", "diff", "--examples", "all")]
    [InlineData("--threads takes a whole number from 1 to 1024, not '99999999999'.", "loss", "--model", "m", "--ids", "i", "--threads", "99999999999")]
    [InlineData("--vocab-size takes a whole number from 1, not 'ten'.", "tokenizer", "train", "a.jsonl", "-o", "t.json", "--vocab-size", "ten")]
    [InlineData("--part takes Record, Prompt, Response or LastResponse, not '1'.", "tokenizer", "train", "a.jsonl", "-o", "t.json", "--part", "1")]
    public void What_an_option_takes_is_said_in_plain_words(string message, params string[] arguments) =>
        DatasetTool.Run(arguments).ShouldExitWith(2).Error.ShouldStartWith(message);

    [Theory]
    [InlineData("x", "line 1 is not valid JSON: 'x' is an invalid start of a value.")]
    [InlineData("{}", "it is no array.")]
    [InlineData("[\"a\", 1]", "element 1 is a number.")]
    [InlineData("[[\"a\"]]", "element 0 is an array of 1.")]
    public void A_file_of_texts_that_is_none_is_told_in_plain_words(string content, string reason)
    {
        using var file = new TemporaryTexts([]);
        File.WriteAllText(file.Path, content);
        var output = DatasetTool.Run("signature", "--file", file.Path, "--json").ShouldExitWith(2);
        output.Error.TrimEnd().ShouldEndWith(reason);
        output.Json.GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("DSB2070");
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
