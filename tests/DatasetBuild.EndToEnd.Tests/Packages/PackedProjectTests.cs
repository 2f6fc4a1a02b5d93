using System.Xml.Linq;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>The ways in which a project outside this repository comes to the package, and where its dataset is then found.</summary>
public sealed class PackedProjectTests(PackedFeed feed)
{
    private const string Items = Samples.Shards + Samples.Dedup + Samples.Short;

    [Fact]
    public void A_project_that_references_the_package_builds()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.UsesServer = false;
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
        project.Records().Length.ShouldBe(13);

        // The page that explains the codes is the README of the package.
        project.Write("data/c.jsonl", "oops\n");
        var page = Path.Combine(feed.UnpackedPackages, "datasetbuild", feed.Version, "README.md");
        File.ReadAllText(page).ShouldContain("<a id=\"dsb1001\">");
    }

    /// <summary>Where a package has no folder for a platform, portable code goes on with what the other left.</summary>
    [Fact]
    public void A_build_takes_what_was_compiled_for_its_platform_or_else_portable_code()
    {
        feed.NeedImages();
        using var project = Samples.TwoShards(packages: feed);
        project.Variables["NUGET_PACKAGES"] = project.PathOf("../packages");
        project.Build().ShouldSucceed().Text.ShouldContain("(kept 13");
        Parts().ShouldAllBe(path => path.Contains($"/net10.0/{PackedFeed.Runtime}/"));

        foreach (var parts in (string[])["tasks", "tools"])
        {
            Directory.Delete(project.PathOf($"../packages/datasetbuild/{feed.Version}/{parts}/net10.0/{PackedFeed.Runtime}"), recursive: true);
        }

        Parts().ShouldAllBe(path => path.Contains("/net10.0/any/"));
        project.Build().ShouldSucceed().Text.ShouldContain("up to date");

        List<string> Parts() => [.. ((string[])["_DatasetTaskAssembly", "_DatasetEngineAssembly"])
            .Select(part => project.DotNet("msbuild", $"-getProperty:{part}").Text.Replace('\\', '/'))];
    }

    [Fact]
    public void The_sdk_needs_nothing_but_its_name()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", Sdk(Items));
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldNotContain(file => file.EndsWith(".dll", StringComparison.Ordinal));
    }

    [Fact]
    public void A_global_json_names_the_version_of_the_sdk_for_all_projects()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", $"""<Project Sdk="DatasetBuild.Sdk"><ItemGroup>{Items}</ItemGroup></Project>""");
        project.Write("../global.json", $$"""{ "msbuild-sdks": { "DatasetBuild.Sdk": "{{feed.Version}}" } }""");
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
    }

    [Fact]
    public void Versions_may_be_managed_centrally()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Edit("sample.csproj", text => text.Replace($" Version=\"{feed.Version}\"", ""));
        project.Write("../Directory.Packages.props", $"""
            <Project>
              <PropertyGroup>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
              </PropertyGroup>
              <ItemGroup>
                <PackageVersion Include="DatasetBuild" Version="{feed.Version}" />
              </ItemGroup>
            </Project>
            """);
        project.Write("../other/other.csproj", Sdk(Items.Replace("data/", "../sample/data/")));
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
        project.DotNet("build", "../other").ShouldSucceed();
    }

    /// <summary>The engine runs once; the code of each framework finds the subset beside it, and the project as a whole answers for it.</summary>
    [Fact]
    public void Several_target_frameworks_have_one_dataset()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", Sdk(Items, "<TargetFrameworks>net10.0;net9.0</TargetFrameworks>"));
        var build = project.Build().ShouldSucceed();
        build.Text.Split("(kept").Length.ShouldBe(2, build.Text);
        var other = project.PathOf("bin/Debug/net9.0/dataset");
        SampleProject.BytesUnder(other).ShouldBe(project.OutputBytes(), ignoreOrder: true);
        project.DotNet("build", "-getTargetResult:GetDatasetOutputs").Text.ShouldContain("bin/Debug/net10.0/dataset/train/train-00000-of-00001.jsonl");

        // A framework alone brings the dataset with it, and a file that is no longer part of the subset goes.
        project.Build("--framework", "net9.0", "-p:DatasetOutputShards=2").ShouldSucceed();
        SampleProject.BytesUnder(other).ShouldBe(project.OutputBytes(), ignoreOrder: true);
        Directory.GetFiles(Path.Combine(other, "train")).Length.ShouldBe(2);
        project.Clean().ExitCode.ShouldBe(0);
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldBeEmpty();
    }

    [Fact]
    public void The_output_folder_may_be_chosen_as_for_any_project()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", Sdk(Items));
        project.Build("--output", "out").ShouldSucceed();
        File.Exists(project.PathOf("out/dataset/train/train-00000-of-00001.jsonl")).ShouldBeTrue();
        Directory.Exists(project.PathOf("bin")).ShouldBeFalse();
    }

    /// <summary>In one artifacts folder each project has its own place; without it, two projects in one folder are told, and nothing is lost.</summary>
    [Fact]
    public void Two_projects_in_one_folder_do_not_take_each_others_subset()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", Sdk(Items));
        project.Write("second.csproj", Sdk(Samples.Shards + Samples.Dedup));
        project.Write("both.slnx", """<Solution><Project Path="sample.csproj" /><Project Path="second.csproj" /></Solution>""");
        var both = project.DotNet("build", "both.slnx", "-m:2").ShouldFail().Text;
        both.ShouldContain("error DSB2017");
        both.Split("(kept").Length.ShouldBe(2, both);

        Directory.Delete(project.PathOf("bin"), recursive: true);
        Directory.Delete(project.PathOf("obj"), recursive: true);
        project.DotNet("build", "sample.csproj").ShouldSucceed();
        var before = project.OutputBytes();
        project.DotNet("build", "second.csproj").ShouldFail().Text.ShouldContain("error DSB2017");
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);

        // The project that was renamed is the same one.
        File.Move(project.PathOf("sample.csproj"), project.PathOf("first.csproj"));
        project.DotNet("build", "first.csproj").ShouldSucceed();

        project.Write("Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>");
        project.DotNet("build", "first.csproj").ShouldSucceed();
        project.DotNet("build", "second.csproj").ShouldSucceed();
        File.ReadAllLines(project.PathOf("artifacts/bin/first/debug/dataset/train/train-00000-of-00001.jsonl")).Length.ShouldBe(13);
        File.ReadAllLines(project.PathOf("artifacts/bin/second/debug/dataset/train/train-00000-of-00001.jsonl")).Length.ShouldBe(19);
    }

    /// <summary>What is declared in a Directory.Build.props stands before the project's own, and its paths are those of the project.</summary>
    [Fact]
    public void Stages_may_be_shared()
    {
        using var project = new SampleProject(packages: feed);
        XDocument shared = XDocument.Parse(File.ReadAllText(project.PathOf("../Directory.Build.props")));
        shared.Root!.Add(XElement.Parse($"""<ItemGroup><DatasetShard Include="data/*.jsonl" />{Samples.Dedup}</ItemGroup>"""));
        shared.Save(project.PathOf("../Directory.Build.props"));
        project.Write("sample.csproj", Sdk(Samples.Short)).WriteLines("data/a.jsonl", Messages.Counting("rivers", 10));
        project.Write("../other/other.csproj", Sdk("")).WriteLines("../other/data/b.jsonl", Messages.Counting("lakes", 5));
        project.Write("../both.slnx", """<Solution><Project Path="sample/sample.csproj" /><Project Path="other/other.csproj" /></Solution>""");

        var build = project.DotNet("build", "../both.slnx").ShouldSucceed();
        build.Text.ShouldMatch(@"(?s)sample -> [^\n]*\(kept 7 of 10\)\n[^\n]*\n +Duplicates[^\n]*\n +Short");
        build.Text.ShouldContain("(kept 5 of 5)");
    }

    private string Sdk(string items, string properties = "") => $"""
        <Project Sdk="DatasetBuild.Sdk/{feed.Version}">
          <PropertyGroup>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            {items}
          </ItemGroup>
        </Project>
        """;
}
