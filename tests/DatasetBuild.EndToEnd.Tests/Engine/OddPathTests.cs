using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>Names that people give to their folders and files.</summary>
public sealed class OddPathTests
{
    [Theory]
    [InlineData("Müller & Söhne's daten (v2) [neu]", "öffentlich")]
    [InlineData("数据 集/a+b=c, @home ~x !", "my project")]
    [InlineData("-p", "2.0-préview")]
    public void A_project_builds_wherever_it_lies_and_whatever_its_name(string place, string name)
    {
        using var project = new SampleProject(Samples.Shards + Samples.Dedup + Samples.Short, name: name, place: place);
        project.WriteLines("data/rivers of europe – été.jsonl", Messages.Counting("rivers", 10));
        var build = project.Build().ShouldSucceed();
        build.Text.ShouldContain($"{name} -> {project.OutputPath}/ (kept 7 of 10)");
        Inputs(project).ShouldBe(["data/rivers of europe – été.jsonl"]);
        project.Build().ShouldSucceed().Text.ShouldContain("up to date");
        project.Edit("data/rivers of europe – été.jsonl", text => text + "oops\n");
        project.Build().ShouldFail().Text.ShouldContain("data/rivers of europe – été.jsonl(11,1): error DSB1001");
        project.Clean().ExitCode.ShouldBe(0);
        Directory.Exists(project.OutputPath).ShouldBeFalse();
    }

    [Fact]
    public void A_shard_outside_the_project_is_named_from_the_project()
    {
        using var project = new SampleProject(
            """<DatasetShard Include="../shared-data/*.jsonl;../other data/deep/**/*.jsonl;data/*.jsonl" />""" + Samples.Short);
        project.WriteLines("../shared-data/x.jsonl", Messages.Counting("rivers", 10));
        project.WriteLines("../other data/deep/er/y z.jsonl", Messages.Counting("lakes", 10));
        project.WriteLines("data/z.jsonl", Messages.Counting("seas", 10));
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(21);
        Inputs(project).ShouldBe(["../other data/deep/er/y z.jsonl", "../shared-data/x.jsonl", "data/z.jsonl"]);
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldAllBe(file => file.StartsWith(project.PathOf("bin/Debug/net10.0/dataset"), StringComparison.Ordinal));
    }

    private static string[] Inputs(SampleProject project)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(project.ManifestFile));
        return [.. manifest.RootElement.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("path").GetString()!)];
    }
}
