using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>What projects get from each other: records from a dataset, files for a program, data from a package.</summary>
public sealed class ReferenceTests(PackedFeed feed)
{
    private const string Program = """
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "datasets"), "*.jsonl", SearchOption.AllDirectories))
        {
            Console.WriteLine($"{Path.GetRelativePath(AppContext.BaseDirectory, file)}: {File.ReadLines(file).Count()}");
        }
        """;

    [Theory]
    [InlineData("")]
    [InlineData("-graph")]
    public void A_dataset_takes_in_another_one(string mode)
    {
        using var project = BaseAndDerived();
        project.Build([.. Given(mode)]).ShouldSucceed().Of("Duplicates", "entered").ShouldBe(20);
        Inputs(project).ShouldBe(["../base/bin/Debug/net10.0/dataset/train/train-00000-of-00001.jsonl", "data/own.jsonl"]);
        project.Build([.. Given(mode)]).ShouldSucceed().Text.ShouldContain("derived -> " + project.OutputPath + "/ (kept 15 of 20, up to date)");

        // An edit over there is one here.
        project.Edit("../base/data/a.jsonl", text => text + Messages.Chat("What is new?", "This.") + "\n");
        project.Build([.. Given(mode)]).ShouldSucceed().Of("Duplicates", "entered").ShouldBe(21);
        project.Records().Length.ShouldBe(16);

        // What is said of this project's output folder is not said of the other's.
        project.Build("--output", project.PathOf("out")).ShouldSucceed();
        File.ReadAllLines(project.PathOf("out/dataset/train/train-00000-of-00001.jsonl")).Length.ShouldBe(16);
    }

    [Fact]
    public void Where_the_projects_lie_is_in_no_manifest()
    {
        using var here = BaseAndDerived();
        using var there = BaseAndDerived(place: "some/where else");
        here.Build().ShouldSucceed();
        there.Build().ShouldSucceed();
        there.OutputBytes().ShouldBe(here.OutputBytes(), ignoreOrder: true);
    }

    [Fact]
    public void Records_that_are_held_out_stay_out()
    {
        using var project = BaseAndDerived();
        project.Edit("../base/base.csproj", text => text.Replace("<ItemGroup>", "<PropertyGroup><DatasetValidationSplit>30%</DatasetValidationSplit></PropertyGroup><ItemGroup>"));
        project.Build().ShouldSucceed();
        Inputs(project).ShouldBe(["../base/bin/Debug/net10.0/dataset/train/train-00000-of-00001.jsonl", "data/own.jsonl"]);
    }

    [Fact]
    public void Duplicates_of_a_base_are_dropped_and_the_base_is_not_written()
    {
        using var project = BaseAndDerived("DatasetBase");
        project.Edit("data/own.jsonl", text => text + File.ReadAllText(project.PathOf("../base/data/a.jsonl")));
        var build = project.Build().ShouldSucceed();
        build.Text.ShouldNotContain("DSB2018");
        build.Of("Duplicates", "kept").ShouldBeLessThan(build.Of("Duplicates", "entered"));
        Inputs(project).ShouldBe(["data/own.jsonl"]);
    }

    /// <summary>Nothing reads these files yet: the build goes on, and says so.</summary>
    [Theory]
    [InlineData("DatasetEvaluation")]
    public void What_no_stage_reads_is_said(string kind)
    {
        using var project = BaseAndDerived(kind);
        var build = project.Build();
        build.ExitCode.ShouldBe(0, build.Text);
        build.Text.ShouldContain($"warning DSB2018: {kind} names 1 file(s), the first '../base/bin/Debug/net10.0/dataset/train/train-00000-of-00001.jsonl'");
        build.Of("Duplicates", "entered").ShouldBe(10);

        project.WriteProject(Samples.Shards + $"""<{kind} Include="missing.jsonl" />""");
        project.Build().ShouldFail().Text.ShouldContain($"error DSB2010: {kind}: 'missing.jsonl' cannot be read: ");
    }

    /// <summary>Half of this project's records say something about rivers, as all of the other's do.</summary>
    [Fact]
    public void What_another_dataset_holds_can_be_kept_out()
    {
        using var project = BaseAndDerived("DatasetEvaluation");
        project.Edit("derived.csproj", text => text
            .Replace("OutputItemType=\"DatasetEvaluation\"", "OutputItemType=\"DatasetEvaluation\" Fields=\"messages\"")
            .Replace("<SelectorStage ", "<SelectorStage Include=\"Decontaminate\" N=\"4\" /><SelectorStage "));
        var build = project.Build().ShouldSucceed();
        build.Text.ShouldNotContain("DSB2018");
        build.Of("Decontaminate", "entered").ShouldBe(10);
        build.Of("Decontaminate", "kept").ShouldBe(5);
        project.Build().ShouldSucceed().Text.ShouldContain("up to date)");
    }

    [Fact]
    public void A_program_finds_the_dataset_beside_it()
    {
        using var project = BaseAndDerived();
        WriteProgram(project, "derived", Program);
        project.DotNet("run", "--project", "../app").Text.Trim().ShouldBe("datasets/derived/train/train-00000-of-00001.jsonl: 15");

        // It follows what changes, and what goes.
        project.Edit("../base/data/a.jsonl", text => text + Messages.Chat("What is new?", "This.") + "\n");
        project.DotNet("build", "../app", "-p:DatasetOutputShards=2").ShouldSucceed();
        var files = project.DotNet("run", "--no-build", "--project", "../app").Text.Trim().Split('\n').Order(StringComparer.Ordinal).ToList();
        files.Select(line => line.Split(':')[0]).ShouldBe(["datasets/derived/train/train-00000-of-00002.jsonl", "datasets/derived/train/train-00001-of-00002.jsonl"]);
        files.Sum(line => int.Parse(line.Split(':')[1], null)).ShouldBe(16);

        project.DotNet("publish", "../app", "--output", project.PathOf("published")).ExitCode.ShouldBe(0);
        SampleProject.FilesUnder(project.PathOf("published/datasets/derived")).Select(Path.GetFileName)
            .ShouldBe(["manifest.json", "README.md", "dataset_info.json", "train-00000-of-00001.jsonl"], ignoreOrder: true);

        project.DotNet("clean", "../app").ExitCode.ShouldBe(0);
        var stale = project.DotNet("build", "../app", "--no-dependencies").ShouldFail();
        stale.Text.ShouldContain("error DSB2016");
    }

    /// <summary>One `-o` is for all projects of a build: the second dataset says so, instead of taking the place of the first.</summary>
    [Fact]
    public void Two_datasets_do_not_share_an_output_folder()
    {
        using var project = BaseAndDerived();
        project.Write("../app/app.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../base/base.csproj" />
                <ProjectReference Include="../other/other.csproj" />
              </ItemGroup>
            </Project>
            """);
        project.Write("../other/other.csproj", File.ReadAllText(project.PathOf("../base/base.csproj")));
        project.WriteLines("../other/data/a.jsonl", Messages.Counting("seas", 10));
        for (var build = 0; build < 2; build++)
        {
            var text = project.DotNet("build", "../app", "--output", project.PathOf("out")).ShouldFail().Text;
            text.ShouldMatch(@"(base|other)\.csproj : error DSB2015: '.*out/dataset/' holds the dataset '(base|other)', and this one would replace it");
            text.ShouldMatch(@"(base|other) -> .*out/dataset/ \(kept 10 of 10");
            text.Split("(kept").Length.ShouldBe(2, text);
        }

        project.DotNet("build", "../app").ShouldSucceed();
    }

    /// <summary>A library with a dataset of its own: its code finds the subset beside it, and so does that of a program that uses the library.</summary>
    [Fact]
    public void A_dataset_may_stand_beside_code()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.WriteProject(Samples.Shards + Samples.Dedup, "");
        project.Write("Library.cs", "public static class Library { public const string Name = \"library\"; }");
        WriteProgram(project, "sample", Program + "Console.WriteLine(Library.Name);");
        project.DotNet("run", "--project", "../app").Text.Trim().ShouldBe("datasets/sample/train/train-00000-of-00001.jsonl: 19\nlibrary");
        File.Exists(project.PathOf("bin/Debug/net10.0/sample.dll")).ShouldBeTrue();
        project.Records().Length.ShouldBe(19);
    }

    [Fact]
    public void A_dataset_travels_in_a_package()
    {
        using var project = BaseAndDerived();
        var local = project.PathOf("../packages");
        project.Edit("../nuget.config", text => text.Replace("<clear />\n    <add", $"<clear />\n    <add key=\"local\" value=\"{local}\" />\n    <add"));
        project.Edit("../base/base.csproj", text => text.Replace("<ItemGroup>", "<PropertyGroup><DatasetValidationSplit>30%</DatasetValidationSplit></PropertyGroup><ItemGroup>"));
        var id = $"My.Base{Guid.NewGuid():N}";
        var pack = project.DotNet("pack", "../base", "--output", local, $"-p:PackageId={id}", "-p:Version=2.0.0");
        pack.ExitCode.ShouldBe(0, pack.Text);
        pack.Text.ShouldNotContain("warning");

        var name = id.Replace('.', '_');
        project.WriteProject($"""<PackageReference Include="{id}" Version="2.0.0" /><DatasetShard Include="@({name}_Dataset)" /><DatasetShard Include="data/*.jsonl" />""" + Samples.Dedup);
        project.Run("build", []).ShouldSucceed();
        Inputs(project).ShouldBe([$"{id}/train/train-00000-of-00001.jsonl", "data/own.jsonl"]);
        var path = project.DotNet("build", $"-getProperty:{name}_DatasetPath").Text.Trim();
        File.Exists(Path.Combine(path, ".datasetbuild", "manifest.json")).ShouldBeTrue();
        File.Exists(Path.Combine(path, "validation", "validation-00000-of-00001.jsonl")).ShouldBeTrue();
    }

    private static IEnumerable<string> Given(string argument) => argument.Length > 0 ? [argument] : [];

    private static string[] Inputs(SampleProject project)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(project.ManifestFile));
        return [.. manifest.RootElement.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("path").GetString()!)];
    }

    private SampleProject BaseAndDerived(string kind = "DatasetShard", string place = "") => Samples.BaseAndDerived(feed, kind, place);

    /// <summary>A program beside the project that references one of the datasets.</summary>
    private static void WriteProgram(SampleProject project, string dataset, string code)
    {
        project.Write("../app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../{dataset}/{dataset}.csproj" />
              </ItemGroup>
            </Project>
            """);
        project.Write("../app/Program.cs", code);
    }
}
