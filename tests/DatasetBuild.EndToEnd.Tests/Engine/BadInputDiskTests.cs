using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>Folders that take nothing, disks that are full: an error that names the folder, and what was there stays.</summary>
public sealed class BadInputDiskTests
{
    [Theory]
    [InlineData("output", "DSB4023", "DatasetOutputPath")]
    [InlineData("report", "DSB5001", "DatasetReportPath")]
    [InlineData("state", "DSB5001", "Check the disk and the permissions")]
    public void A_folder_that_cannot_be_written_to_is_named_and_nothing_changes(string folder, string code, string remedy)
    {
        Mounts.SkipUnlessPermitted();
        using var input = new BadInput();

        var error = input.ShouldBeRefused(
            bad => bad.Project.WriteShard("b.jsonl", Messages.Counting("lakes", 5)), build: project => Mounts.Build(project, Mounts.ReadOnly(PathOf(project, folder))));

        error.Code.ShouldBe(code, error.Message);
        error.Message.ShouldContain(remedy);
        input.Project.Run().ShouldSucceed();
    }

    [Fact]
    public void A_cache_that_cannot_be_written_to_is_a_warning()
    {
        Mounts.SkipUnlessPermitted();
        using var input = new BadInput();

        var output = Mounts.Build(input.Project, Mounts.ReadOnly(input.Project.CachePath)).ShouldSucceed();

        output.Warnings().Select(warning => warning.Code).Distinct().ShouldBe(["DSB4003"]); // what is lost, and that cleaning may lose more
        input.Project.OutputBytes().ShouldBe(input.Project.CleanBytes(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("output", 48, "DSB4023")]
    [InlineData("output", 300, "DSB4023")]
    [InlineData("report", 16, "DSB5001")]
    public void A_full_disk_is_an_error_and_leaves_nothing_behind(string folder, int kibibytes, string code)
    {
        Mounts.SkipUnlessPermitted();
        using var input = new BadInput();
        input.Project.WriteShard("b.jsonl", Enumerable.Range(0, 4000).Select(i => Messages.Chat($"Question {i} about the lakes", $"Answer {i}")));
        var place = PathOf(input.Project, folder);

        var output = Mounts.Build(
            input.Project, Mounts.Small(place, kibibytes), $"find '{input.Project.Folder}' -name '*.tmp' -o -name '*.lock' -o -name '*.journal' -o -name 'manifest.json'");

        output.ExitCode.ShouldBe(1, output.Text);
        output.Errors().ShouldHaveSingleItem().Code.ShouldBe(code);
        output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(line => line[0] == '{');
    }

    [Fact]
    public void A_full_disk_below_the_cache_is_a_warning()
    {
        Mounts.SkipUnlessPermitted();
        using var input = new BadInput();
        input.Project.WriteShard("b.jsonl", Enumerable.Range(0, 4000).Select(i => Messages.Chat($"Question {i} about the lakes", $"Answer {i}")));

        var output = Mounts.Build(input.Project, Mounts.Small(input.Project.CachePath, 48)).ShouldSucceed();

        output.Warnings().ShouldAllBe(warning => warning.Code == "DSB4003");
        output.Warnings().ShouldNotBeEmpty();
        input.Project.OutputBytes().ShouldBe(input.Project.CleanBytes(), ignoreOrder: true);
    }

    [Fact]
    public void A_build_needs_no_network()
    {
        Mounts.SkipUnlessIsolated();
        using var input = new BadInput();

        Mounts.BuildWithoutNetwork(input.Project).ShouldSucceed();
    }

    /// <summary>What is not referred to cannot be called: neither the engine nor the library knows of sockets or of what is built on them.</summary>
    [Theory]
    [InlineData("dotnet-dataset.dll")]
    [InlineData("DatasetBuild.dll")]
    public void The_engine_has_nothing_to_open_a_connection_with(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Path.GetDirectoryName(Built.Engine)!, assembly)));
        var metadata = file.GetMetadataReader();

        var references = metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name)).ToList();

        references.ShouldContain("System.Runtime");
        references.ShouldAllBe(name => !name.StartsWith("System.Net", StringComparison.Ordinal));
    }

    private static string PathOf(EngineProject project, string folder) => folder switch
    {
        "output" => project.OutputPath,
        "report" => project.ReportPath,
        _ => project.StatePath,
    };
}
