using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>Projects outside this repository, with nothing but the packages.</summary>
public sealed class PackedProjectTests(PackedFeed feed)
{
    [Fact]
    public void A_project_that_references_the_package_builds()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
        project.Records().Length.ShouldBe(13);
    }

    [Fact]
    public void The_sdk_needs_nothing_but_its_name()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("sample.csproj", $"""
            <Project Sdk="DatasetBuild.Sdk/{feed.Version}">
              <ItemGroup>
                {Samples.Shards}{Samples.Dedup}{Samples.Short}
              </ItemGroup>
            </Project>
            """);
        project.Build().ShouldSucceed().Of("Short", "kept").ShouldBe(13);
        Directory.GetFiles(project.PathOf("bin"), "*.dll", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
