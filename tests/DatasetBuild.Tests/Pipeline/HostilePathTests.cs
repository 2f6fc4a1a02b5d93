using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Nothing that a plan, a link or a file of the state says makes a build read its own output, or write outside of its folders.</summary>
public sealed class HostilePathTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public HostilePathTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 10).Select(i => IncrementalTests.Record(i))]);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a link to a file of the output")]
    [InlineData("a link to the folder of the output")]
    [InlineData("a link to a link")]
    [InlineData("an output that is a link to the data")]
    [InlineData("a report that is a link to the data")]
    public void A_shard_under_an_output_folder_is_refused_by_whatever_link_it_comes_there(string way)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights");
        if (way.StartsWith("an output", StringComparison.Ordinal) || way.StartsWith("a report", StringComparison.Ordinal))
        {
            var output = Path.TrimEndingDirectorySeparator(way[0..4] == "an o" ? project.OutputPath : project.ReportPath);
            Directory.CreateDirectory(Path.GetDirectoryName(output)!);
            Directory.CreateSymbolicLink(output, Path.Combine(project.Root, "data"));
        }
        else
        {
            project.Build();
            var inside = Path.Combine(project.OutputPath, "train", "train-00000-of-00001.jsonl");
            Directory.CreateSymbolicLink(Path.Combine(project.Root, "folder"), project.OutputPath);
            File.CreateSymbolicLink(Path.Combine(project.Root, "one"), inside);
            File.CreateSymbolicLink(Path.Combine(project.Root, "two"), "one");
            project.Shards.Add((way.EndsWith("file of the output", StringComparison.Ordinal) ? "one" : way.EndsWith("link", StringComparison.Ordinal) ? "two" : "folder/train/train-00000-of-00001.jsonl", []));
        }

        var error = project.Fails();

        error.Code.ShouldBe(ProjectCodes.ShardInOutput, error.Message);
        error.File.ShouldBe(project.ProjectFile);
    }

    [Fact]
    public void A_shard_that_is_a_link_to_somewhere_else_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights");
        File.WriteAllText(folder.At("elsewhere.jsonl"), IncrementalTests.Record(77) + "\n");
        File.CreateSymbolicLink(Path.Combine(project.Root, "data", "b.jsonl"), folder.At("elsewhere.jsonl"));
        project.Shards.Add(("data/b.jsonl", []));

        project.Build().Result.Records.ShouldBe(11);
    }

    [Fact]
    public void A_link_in_the_report_is_not_written_through_and_the_subset_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights");
        project.Build();
        var verdicts = Path.Combine(project.ReportPath, "verdicts");
        Directory.Move(verdicts, folder.At("precious"));
        Directory.CreateSymbolicLink(verdicts, folder.At("precious"));
        var subset = project.Snapshot();
        project.Shard("data/b.jsonl", IncrementalTests.Record(77));

        var error = project.Fails();

        (error.Code, error.File).ShouldBe((CacheCodes.UnsafePath, project.ReportPath));
        project.Snapshot().ShouldBe(subset, ignoreOrder: true);
        Directory.GetFiles(folder.At("precious"), "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("../precious.txt")]
    [InlineData("verdicts/../../../precious.txt")]
    [InlineData("/precious.txt")]
    public void A_list_of_old_verdicts_that_names_other_files_deletes_none(string name)
    {
        project.Build();
        var precious = Path.Combine(project.Root, "bin", "precious.txt");
        File.WriteAllText(precious, "mine");
        var named = name[0] == '/' ? precious : project.ReportPath + name.Replace("../../../", "../../", StringComparison.Ordinal);
        VerdictFingerprints.Save(Path.Combine(project.StatePath, "verdicts.blk"), [new VerdictFingerprint(named, 1)]);
        project.Shard("data/b.jsonl", IncrementalTests.Record(77));

        project.Build();

        File.ReadAllText(precious).ShouldBe("mine");
    }

    [Theory]
    [InlineData("output", CacheCodes.CannotCommit)]
    [InlineData("report", CacheCodes.CannotCommit)]
    [InlineData("above", CacheCodes.CannotCommit)]
    public void A_file_in_the_place_of_a_folder_is_named_and_left_alone(string place, string code)
    {
        var path = place switch
        {
            "output" => Path.TrimEndingDirectorySeparator(project.OutputPath),
            "report" => Path.TrimEndingDirectorySeparator(project.ReportPath),
            _ => Path.Combine(project.Root, "bin"),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "mine");

        var error = project.Fails();

        (error.Code, error.File).ShouldBe((code, path));
        error.Message.ShouldContain(place == "report" ? "choose another DatasetReportPath" : "choose another DatasetOutputPath");
        File.ReadAllText(path).ShouldBe("mine");
    }

    [Fact]
    public void What_is_written_is_private_until_it_is_in_place_and_then_as_any_file_of_the_user()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes");

        using (var journal = CommitJournal.Begin(project.OutputPath))
        {
            using var stream = journal.Create("train/x.jsonl");
            var temporary = Directory.GetFiles(Path.Combine(project.OutputPath, ".datasetbuild"), "*.tmp").ShouldHaveSingleItem();
            Mode(temporary).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        project.Build();

        var ordinary = Mode(Path.Combine(project.Root, "data", "a.jsonl"));
        var published = new[] { project.OutputPath, project.ReportPath }.SelectMany(place => Directory.GetFiles(place, "*", SearchOption.AllDirectories));
        published.Select(Mode).Distinct().ShouldBe([ordinary]);
        var cached = Directory.GetFiles(project.CachePath, "*.blk", SearchOption.AllDirectories);
        cached.ShouldNotBeEmpty();
        cached.Select(Mode).Distinct().ShouldBe([UnixFileMode.UserRead | UnixFileMode.UserWrite]);
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
