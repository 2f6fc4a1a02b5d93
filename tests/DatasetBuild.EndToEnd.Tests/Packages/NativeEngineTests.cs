using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tasks;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>The engine as programs of machine code, which are compiled apart from all that other tests of the library run.</summary>
public sealed class NativeEngineTests(PackedFeed feed)
{
    [Fact]
    public void A_build_starts_the_program_unless_it_is_told_not_to()
    {
        feed.NeedNativeEngines();
        using var project = new SampleProject(Engine.Samples.Shards + Engine.Samples.Dedup + Engine.Samples.Short, packages: feed);
        project.WriteLines("data/a.jsonl", Prose.Shard(new Random(1), 20, 200));
        var program = NativeEngine.Beside(feed.Engine);
        Assert.SkipWhen(program is null, "No program is made for this processor.");

        project.Build("-v:detailed").ShouldSucceed().Text.ShouldContain($"/{Path.GetRelativePath(Path.GetDirectoryName(feed.Engine)!, program)} engine ");
        var other = project.Build("-v:detailed", "-p:DatasetNativeEngine=false").ShouldSucceed().Text;
        other.ShouldContain("/dotnet-dataset.dll engine ");
        other.ShouldContain("up to date", Case.Sensitive, "an engine of the same code takes over what the other has left");
        project.Build("-p:DatasetNativeEngine=maybe").ShouldFail().Text.ShouldContain("sample.csproj : error DSB2005: The project: DatasetNativeEngine=\"maybe\" cannot be used.");
    }

    /// <summary>Every program that this processor has the instructions for, and the assembly that the runtime compiles: subset, manifest and verdicts are the same.</summary>
    [Fact]
    public void All_programs_and_the_assembly_give_the_same_bytes()
    {
        feed.NeedNativeEngines();
        var programs = NativeEngine.AllBeside(feed.Engine).ToList();
        Assert.SkipWhen(programs.Count == 0, "No program is made for this processor.");

        var expected = Build(("dotnet", ["exec", feed.Engine]));
        expected.Keys.ShouldContain(file => file.EndsWith("manifest.json", StringComparison.Ordinal));
        expected.Keys.ShouldContain(file => file.EndsWith(".csv", StringComparison.Ordinal));
        foreach (var program in programs)
        {
            Build((program, [])).ShouldBe(expected, ignoreOrder: true, program);
        }
    }

    /// <summary>Packing goes on without the programs, and says why there are none.</summary>
    [Fact]
    public void Where_there_is_no_linker_a_packing_says_so()
    {
        feed.NeedNativeEngines();
        using var alone = PackedFeed.WaitToBeAlone();
        var place = Directory.CreateTempSubdirectory("dataset-path-");
        foreach (var program in (string[])["dotnet", "sh", "objcopy"])
        {
            var found = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, program)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(place.FullName, program), new FileInfo(found).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? found);
        }

        var run = DotNet.Run(
            Built.Repository,
            ["msbuild", "src/DatasetBuild.NativeEngine", "-target:CompileNativeEngines", "-property:RuntimeIdentifier=linux-x64", "-property:Configuration=Release"],
            variables: new Dictionary<string, string> { ["PATH"] = place.FullName });
        place.Delete(recursive: true);

        run.ExitCode.ShouldBe(0, run.Text);
        run.Text.ShouldContain("warning : The packages get no engine of machine code for linux-x64");
        run.Text.ShouldContain("linking takes clang or gcc");
    }

    private static Dictionary<string, string> Build((string, string[]) command)
    {
        var model = Path.Combine(Built.Repository, "examples", "loss", "model");
        using var project = new EngineProject
        {
            Command = command,
            Properties = new() { ["DatasetOutputShards"] = "2", ["DatasetValidationSplit"] = "12.5%", ["DatasetOnInvalidRecord"] = "Quarantine" },
            Stages =
            [
                ("Equal", [("Kind", "ExactDedup"), ("Normalize", "NFKC;Lower;CollapseWhitespace")]),
                ("Near", [("Kind", "NearDedup"), ("Threshold", "0.6")]),
                ("Nearer", [("Kind", "NearDedup"), ("Preset", "DataTrove")]),
                ("Length", [("Kind", "TokenLength"), ("Tokenizer", Path.Combine(model, "tokenizer.json")), ("Band", "2.5%..97.5%")]),
                ("Fluent", [("Kind", "Loss"), ("Model", model), ("Keep", "80%")]),
                ("Middle", [("Kind", "Perplexity"), ("Model", model), ("Band", "5%..95%")]),
                ("Helped", [("Kind", "Ifd"), ("Model", model), ("Missing", "Keep"), ("Keep", "90%")]),
                ("Rated", [("Kind", "Column"), ("Field", "quality"), ("Keep", "62.5%")]),
                ("Some", [("Kind", "Random"), ("Keep", "87.5%"), ("Seed", "7")]),
            ],
        };
        for (var shard = 0; shard < 3; shard++)
        {
            project.WriteShard($"{"abc"[shard]}.jsonl", [.. Prose.Shard(new Random(shard % 2), 200, 400), "no record"]);
        }

        project.Run().ShouldSucceed();
        return SampleProject.BytesUnder(project.OutputPath)
            .Concat(SampleProject.BytesUnder(project.ReportPath).Where(file => file.Key.EndsWith(".csv", StringComparison.Ordinal))).ToDictionary();
    }
}
