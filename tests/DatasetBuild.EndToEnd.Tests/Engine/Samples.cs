using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

internal static class Samples
{
    public const int RecordsPerShard = 10;

    public const string Shards = """<DatasetShard Include="data/*.jsonl" />""";

    public const string Dedup = """<SelectorStage Include="Duplicates" Kind="ExactDedup" />""";

    public const string Short = """<SelectorStage Include="Short" Kind="TokenLength" Part="Response" Counter="Words" Min="4" />""";

    public const string Rated = """<SelectorStage Include="Rated" Kind="Column" Field="quality" Min="2" Missing="Keep" />""";

    /// <summary>
    /// Two shards of ten records with answers of 1 to 10 words. The second repeats the first one's last record; `Short` takes the
    /// answers of 1 to 3 words out of each: 13 of 20 are left.
    /// </summary>
    public static SampleProject TwoShards(string stages = Dedup + Short, PackedFeed? packages = null)
    {
        var rivers = Messages.Counting("rivers", RecordsPerShard).ToArray();
        return new SampleProject(Shards + stages, packages: packages)
            .WriteLines("data/a-rivers.jsonl", rivers)
            .WriteLines("data/b-lakes.jsonl", [.. Messages.Counting("lakes", RecordsPerShard - 1), rivers[^1]]);
    }

    /// <summary>A dataset that takes in another one: ten records over there, ten here, five of them the same.</summary>
    public static SampleProject BaseAndDerived(PackedFeed feed, string kind = "DatasetShard", string place = "")
    {
        var project = new SampleProject(
            Shards + Dedup + $"""<ProjectReference Include="../base/base.csproj" ReferenceOutputAssembly="false" OutputItemType="{kind}" />""",
            name: "derived",
            place: place,
            packages: feed);
        project.Write("../base/base.csproj", $"""<Project Sdk="DatasetBuild.Sdk/{feed.Version}"><ItemGroup>{Shards}<SelectorStage Include="OverThere" Kind="TokenLength" Counter="Words" Min="1" /></ItemGroup></Project>""");
        var rivers = Messages.Counting("rivers", RecordsPerShard).ToArray();
        project.WriteLines("../base/data/a.jsonl", rivers);
        project.WriteLines("data/own.jsonl", [.. rivers[..5], .. Messages.Counting("lakes", 5)]);
        return project;
    }

    /// <summary>The same project built from nothing: another folder, an empty cache.</summary>
    public static SampleProject BuiltFromNothing(SampleProject original)
    {
        var copy = new SampleProject();
        copy.Write("sample.csproj", File.ReadAllText(original.PathOf("sample.csproj")));
        foreach (var file in SampleProject.FilesUnder(original.PathOf("data")))
        {
            copy.Write(Path.GetRelativePath(original.Folder, file), File.ReadAllText(file));
        }

        copy.Build().ShouldSucceed();
        return copy;
    }

    public static void ShouldEqualABuildFromNothing(this SampleProject project)
    {
        using var fresh = BuiltFromNothing(project);
        project.OutputBytes().ShouldBe(fresh.OutputBytes(), ignoreOrder: true);
    }
}
