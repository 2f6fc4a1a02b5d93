using System.IO.Compression;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

public sealed class BinaryLogTests(PackedFeed feed)
{
    [Fact]
    public void A_binary_log_has_the_plan_and_the_manifest_in_it()
    {
        using var project = Samples.TwoShards(packages: feed);
        for (var build = 0; build < 2; build++) // with something to do and without
        {
            project.Build("-bl:log.binlog;ProjectImports=ZipFile").ShouldSucceed();
            using var files = ZipFile.OpenRead(project.PathOf("log.ProjectImports.zip"));
            Text(files, "plan.json").ShouldBe(File.ReadAllText(Path.Combine(project.StatePath, "plan.json")));
            Text(files, "manifest.json").ShouldBe(File.ReadAllText(project.ManifestFile));
        }
    }

    private static string Text(ZipArchive files, string name)
    {
        using var reader = new StreamReader(files.Entries.Where(entry => entry.FullName.Split('/', '\\')[^1] == name).ShouldHaveSingleItem().Open());
        return reader.ReadToEnd();
    }
}
