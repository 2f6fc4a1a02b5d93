using System.Text.RegularExpressions;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>Whoever types what the README says gets what it says: each of its commands is run, here or where it is told below.</summary>
public sealed class ReadmeTests(PackedFeed feed)
{
    private static readonly Dictionary<string, string> RunElsewhere = new()
    {
        ["dotnet run -c Release --project tests/benchmarks -- incremental POOL"] = "measures for minutes, on a pool of its own",
        ["dotnet run -c Release --project tests/benchmarks -- noop"] = "measures for minutes",
        ["dotnet run -c Release --project tests/benchmarks -- models"] = "measures for minutes",
        ["dotnet run -c Release --project tests/benchmarks -- near POOL"] = "measures for minutes, on a pool of its own",
        ["dotnet run -c Release --project tests/DatasetBuild.EndToEnd.Tests -- --faults 10000"] = "FaultTests, with fewer",
        ["DATASETBUILD_FUZZ_SECONDS=60 dotnet run -c Release --project tests/DatasetBuild.Fuzz.Tests"] = "the same tests, for longer",
        ["dotnet build --no-restore"] = "a row of that measurement",
        ["dotnet pack -c Release -o DIR"] = "PackedFeed does, without compiling ahead of time for platforms of others",
        ["dotnet build examples/loss"] = "LossExampleTests, on a copy",
        ["dotnet build examples/two-datasets/derived"] = "ExampleTests, on a copy",
        ["dotnet build examples/decontaminate"] = "ExampleTests, on a copy",
        ["dotnet build examples/near-duplicates"] = "ExampleTests, on a copy",
        ["dotnet run --project examples/consume-from-csharp/reader"] = "ExampleTests, on a copy",
        ["dotnet dataset render PROJECT shard:line"] = "RenderTests, which bring a tokenizer and a chat template along",
        ["dotnet build examples/chat-templates"] = "ExampleTests, on a copy",
        ["examples/sdk-style/build.sh"] = "ExampleTests, on a copy; it packs, then builds",
        ["dotnet build -getTargetResult:GetDatasetStatus"] = "the tests of the behaviours, where there is something to tell",
        ["dotnet watch build"] = "WatchTests: it does not end by itself",
        ["dotnet exec artifacts/bin/DatasetBuild.Tool/debug/dotnet-dataset.dll"] = "the tests of the tool start that file",
        ["source <(dotnet dataset completions bash)"] = "the tests of the tool load the script into the shell",
    };

    [Fact]
    public void What_a_newcomer_types_first_is_what_a_ci_run_runs()
    {
        var script = File.ReadAllText(Path.Combine(Built.Repository, ".ci", "run"));
        var announced = Regex.Matches(script, @"^echo '\$ (.*)'$", RegexOptions.Multiline).Select(line => line.Groups[1].Value).ToList();
        announced.ShouldBe(Readme.InAClone.Except(RunElsewhere.Keys));
        announced.ShouldAllBe(command => Regex.IsMatch(script, $"^{Regex.Escape(command)}( 2>&1| \\|)", RegexOptions.Multiline));
    }

    [Fact]
    public void No_command_is_left_out()
    {
        var run = Readme.InAClone.Concat(Readme.Anywhere).ToList();
        Readme.BlocksWithoutPlace.ShouldBe(0);
        Readme.InSentences.Where(command => !run.Exists(line => line.StartsWith(command, StringComparison.Ordinal))).Except(RunElsewhere.Keys)
            .ShouldBeEmpty("run these, or say where that is done");
        RunElsewhere.Keys.Except(run.Concat(Readme.InSentences)).ShouldBeEmpty("the README no longer has these");

        Readme.ToolCommands.ShouldContain("status");

        // A tokenizer, a chat template and a model are files that a reader has to have already: the tests of the tool bring them along.
        Readme.ToolCommands.Except(["tokenize", "render", "loss"]).ShouldAllBe(command => run.Exists(line => line.StartsWith($"dotnet dataset {command}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Its_commands_succeed_one_after_the_other_for_somebody_who_has_nothing_but_the_packages()
    {
        using var project = new SampleProject(packages: feed);
        project.Variables["DOTNET_CLI_HOME"] = project.PathOf("../home");
        project.Variables["XDG_CACHE_HOME"] = project.PathOf("../home");
        project.Variables["PATH"] = Path.Combine(project.PathOf("../home"), ".dotnet", "tools") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");

        Readme.Anywhere.Count.ShouldBeGreaterThan(5);
        foreach (var command in Readme.Anywhere)
        {
            command.ShouldStartWith("dotnet ");
            var output = project.DotNet([.. command.Split(' ')[1..].Select(word => word.Trim('"'))]);
            output.ExitCode.ShouldBe(0, $"{command}\n{output.Text}");
        }

        project.DotNet("dataset", "status", "my-data").Text.ShouldContain("up to date");
    }

    [Fact]
    public void Its_project_builds_as_it_stands()
    {
        using var project = new SampleProject(packages: feed);
        project.Write("sample.csproj", Readme.Project.Replace("0.1.0", feed.Version));
        project.WriteLines("data/deep/a.jsonl", Enumerable.Range(0, 8).Select(number => Messages.Chat("Count.", string.Join(' ', Enumerable.Range(0, 8 + number)), ("quality", number))));
        project.Build().ShouldSucceed().Of("BestRated", "kept").ShouldBe(6);
    }
}
