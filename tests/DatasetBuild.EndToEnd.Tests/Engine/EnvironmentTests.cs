using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>The same project and data give the same subset and manifest, byte for byte, wherever and however it is built.</summary>
public sealed class EnvironmentTests(EnvironmentTests.Reference reference) : IClassFixture<EnvironmentTests.Reference>
{
    [Theory]
    [InlineData("as a rule")]
    [InlineData("elsewhere", "LC_ALL=C")]
    [InlineData("Straße/mit Leerzeichen", "LC_ALL=de_DE.UTF-8", "LANG=de_DE.UTF-8", "TZ=Asia/Kathmandu")]
    [InlineData("tr", "LC_ALL=tr_TR.UTF-8", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0", "TZ=America/St_Johns")]
    [InlineData("no/avx512", "DOTNET_EnableAVX512=0")]
    [InlineData("no/avx2", "DOTNET_EnableAVX2=0")]
    [InlineData("no/simd", "DOTNET_EnableHWIntrinsic=0")]
    [InlineData("one-cpu", "DOTNET_PROCESSOR_COUNT=1", "DOTNET_gcServer=1")]
    public void The_engine_gives_the_same_bytes(string place, params string[] variables)
    {
        using var project = Pool(place, threads: "");
        project.Run(variables.Select(variable => variable.Split('=')).ToDictionary(pair => pair[0], pair => pair[1])).ShouldSucceed();
        project.OutputBytes().ShouldBe(reference.Bytes, ignoreOrder: true);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("7")]
    public void Any_number_of_threads_gives_the_same_bytes(string threads)
    {
        using var project = Pool("threads", threads);
        project.Run().ShouldSucceed();
        project.OutputBytes().ShouldBe(reference.Bytes, ignoreOrder: true);
    }

    [Fact]
    public void Two_clones_built_in_two_languages_give_the_same_folder()
    {
        using var one = Clone("a", new() { ["LC_ALL"] = "C", ["TZ"] = "UTC" });
        using var other = Clone("b/deeper/Straße", new() { ["LC_ALL"] = "de_DE.UTF-8", ["TZ"] = "Asia/Kathmandu", ["DOTNET_EnableAVX2"] = "0" });
        one.Build("-p:DatasetThreads=1").ShouldSucceed();
        other.Build("-p:DatasetThreads=2").ShouldSucceed();
        one.OutputBytes().ShouldContainKey(".datasetbuild/manifest.json");
        one.OutputBytes().ShouldBe(other.OutputBytes(), ignoreOrder: true);
    }

    private static SampleProject Clone(string place, Dictionary<string, string> variables)
    {
        var project = new SampleProject(
            """
            <DatasetShard Include="data/*.jsonl" />
            <SelectorStage Include="Duplicates" Kind="ExactDedup" Normalize="Trim" />
            <SelectorStage Include="Long" Kind="TokenLength" Counter="Treebank" Min="12" />
            <SelectorStage Include="Rated" Kind="Column" Field="quality" Keep="62.5%" />
            """,
            "<DatasetOnly>true</DatasetOnly><DatasetOutputShards>3</DatasetOutputShards><DatasetValidationSplit>12.5%</DatasetValidationSplit>",
            place: place)
        {
            Variables = variables,
        };
        return project.WriteLines("data/i.jsonl", Prose.Shard(new Random(1), 300, 300)).WriteLines("data/I.jsonl", Prose.Shard(new Random(2), 300, 300));
    }

    private static EngineProject Pool(string place, string threads)
    {
        var project = new EngineProject(place)
        {
            Properties = new() { ["DatasetOutputShards"] = "4", ["DatasetValidationSplit"] = "12.5%", ["DatasetThreads"] = threads },
            Stages =
            [
                ("Duplicates", [("Kind", "ExactDedup"), ("Normalize", "NFKC;Lower;CollapseWhitespace")]),
                ("Long", [("Kind", "TokenLength"), ("Counter", "Treebank"), ("Band", "2.5%..97.5%")]),
                ("Rated", [("Kind", "Column"), ("Field", "quality"), ("Keep", "62.5%")]),
                ("Some", [("Kind", "Random"), ("Keep", "87.5%"), ("Seed", "7")]),
            ],
        };
        for (var shard = 0; shard < 6; shard++)
        {
            project.WriteShard($"{"iIaAzZ"[shard]}.jsonl", Prose.Shard(new Random(shard), 300, 1200));
        }

        return project;
    }

    public sealed class Reference
    {
        public Reference()
        {
            using var project = Pool("reference", threads: "");
            project.Run().ShouldSucceed();
            Bytes = project.OutputBytes();
            Bytes.ShouldContainKey(".datasetbuild/manifest.json");
            Bytes.Keys.Count(file => file.EndsWith(".jsonl", StringComparison.Ordinal)).ShouldBe(8);
        }

        public Dictionary<string, string> Bytes { get; }
    }
}
