using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

public sealed class CleaningTests(PackedFeed feed)
{
    [Fact]
    public void Clean_takes_what_was_built_and_leaves_the_scores()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.DotNet("restore").ExitCode.ShouldBe(0);
        var inputs = FileStamp.Under(project.Folder);
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();
        project.Write("bin/Debug/net10.0/dataset/notes.txt", "mine");

        project.Clean().ExitCode.ShouldBe(0);
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldBe([project.PathOf("bin/Debug/net10.0/dataset/notes.txt")]);
        Directory.Exists(project.StatePath).ShouldBeFalse();
        FileStamp.Of(inputs.Keys).ShouldBe(inputs, ignoreOrder: true);

        File.Delete(project.PathOf("bin/Debug/net10.0/dataset/notes.txt"));
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(0);
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }
}
