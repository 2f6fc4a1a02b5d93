using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

public sealed class PublishingTests(PackedFeed feed)
{
    /// <summary>The report is for those who made the subset: it shows records that were dropped.</summary>
    [Theory]
    [InlineData("<DatasetOnly>true</DatasetOnly>", false)]
    [InlineData("<DatasetOutputPath>elsewhere</DatasetOutputPath>", true)]
    public void The_subset_is_published_and_the_report_is_not(string properties, bool withCode)
    {
        using var project = Samples.TwoShards(packages: feed);
        project.WriteProject(Samples.Shards + Samples.Dedup, properties);
        Run(project, "publish", "--output", "published");
        var files = SampleProject.FilesUnder(project.PathOf("published")).Select(file => Path.GetRelativePath(project.PathOf("published"), file)).ToList();
        files.Where(file => file.StartsWith("dataset/", StringComparison.Ordinal)).ShouldBe(
            ["dataset/.datasetbuild/manifest.json", "dataset/README.md", "dataset/dataset_info.json", "dataset/train/train-00000-of-00001.jsonl"], ignoreOrder: true);
        files.Contains("sample.dll").ShouldBe(withCode);
        files.Where(file => !file.StartsWith("dataset/", StringComparison.Ordinal) && !file.StartsWith("sample.", StringComparison.Ordinal)).ShouldBeEmpty();

        // What is no longer part of the subset is not published again, and --no-build takes what was built.
        Run(project, "build", "--configuration", "Release", "-p:DatasetOutputShards=2");
        Run(project, "publish", "--no-build", "--output", "again");
        Directory.GetFiles(project.PathOf("again/dataset/train")).Length.ShouldBe(2);
    }

    private static void Run(SampleProject project, params string[] arguments)
    {
        var run = project.DotNet(arguments);
        run.ExitCode.ShouldBe(0, run.Text);
        run.Text.ShouldNotContain(": warning ");
    }
}
