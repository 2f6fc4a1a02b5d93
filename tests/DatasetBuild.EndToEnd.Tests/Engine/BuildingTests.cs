using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class BuildingTests
{
    [Fact]
    public void One_build_produces_the_subset_its_manifest_and_the_table()
    {
        using var project = Samples.TwoShards();
        var build = project.Build().ShouldSucceed();

        build.Of("Duplicates", "entered").ShouldBe(20);
        build.Of("Duplicates", "dropped").ShouldBe(1);
        build.Of("Short", "entered").ShouldBe(19);
        build.Of("Short", "dropped").ShouldBe(6);
        build.Of("Short", "kept").ShouldBe(13);
        build.Of("Short", "missing").ShouldBe(0);
        build.Text.ShouldContain("(kept 13 of 20)");
        build.Text.ShouldContain("Entered", Case.Insensitive);

        project.Records().Length.ShouldBe(13);
        project.Records().ShouldAllBe(line => File.ReadAllText(project.PathOf("data/a-rivers.jsonl")).Contains(line, StringComparison.Ordinal)
            || File.ReadAllText(project.PathOf("data/b-lakes.jsonl")).Contains(line, StringComparison.Ordinal));
        File.Exists(project.ManifestFile).ShouldBeTrue();
    }

    [Fact]
    public void Three_dialects_meet_in_one_build()
    {
        using var project = new SampleProject(Samples.Shards + Samples.Short)
            .WriteLines("data/a.jsonl", [Messages.Chat("Name a tree.", "The oak is a tree.")])
            .WriteLines("data/b.jsonl", ["""{"instruction":"Name a bird.","input":"","output":"The wren is a bird."}"""])
            .WriteLines("data/c.jsonl", ["""{"prompt":"Name a fish.","completion":"The carp is a fish."}"""]);
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(3);
    }

    [Fact]
    public void The_same_project_gives_the_same_bytes_in_another_folder()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_dataset_beside_code_is_built_with_the_code()
    {
        using var project = new SampleProject(Samples.Shards + Samples.Short, "<OutputType>Library</OutputType>");
        project.Write("Answer.cs", "public static class Answer { public const int Value = 42; }");
        project.WriteLines("data/a.jsonl", Messages.Counting("rivers", 10));
        project.Build().ShouldSucceed();
        project.Records().Length.ShouldBe(7);
        File.Exists(project.PathOf("bin/Debug/net10.0/sample.dll")).ShouldBeTrue();
    }

    [Fact]
    public void What_an_earlier_build_wrote_is_never_read_as_a_shard()
    {
        using var project = new SampleProject("""<DatasetShard Include="**/*.jsonl" />""" + Samples.Short)
            .WriteLines("data/a.jsonl", Messages.Counting("rivers", 10));
        for (var build = 0; build < 2; build++)
        {
            project.Build().ShouldSucceed().Text.ShouldContain("(kept 7 of 10");
        }
    }
}
