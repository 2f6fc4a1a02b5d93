using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A build writes over nothing that it did not write, reads nothing that it wrote, and names what is no JSON at all.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private const string Question = """{"question":"q","answer":"a"}""";
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public ForeignFileTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", Question);
        project.Stage("ExactDedup");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("README.md")]
    [InlineData("dataset_info.json")]
    [InlineData("train/train-00000-of-00001.jsonl")]
    [InlineData("train/train-00003-of-00007.jsonl")]
    public void A_file_that_no_build_wrote_is_not_replaced(string name)
    {
        var path = Path.Combine(project.OutputPath, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "mine");

        project.Fails().Code.ShouldBe(ProjectCodes.ForeignOutput);

        File.ReadAllText(path).ShouldBe("mine");
    }

    /// <summary>A new name does not make a dataset another one; what nothing says to be this project's is somebody else's.</summary>
    [Fact]
    public void Another_dataset_is_not_replaced()
    {
        project.Build();
        project.Properties["DatasetName"] = "renamed";
        project.Build().Result.UpToDate.ShouldBeFalse();
        project.Manifest()["name"]!.GetValue<string>().ShouldBe("renamed");
        var subset = project.Snapshot();

        Directory.Delete(project.StatePath, recursive: true);
        project.Properties["DatasetName"] = "another";
        var error = project.Fails();
        error.Code.ShouldBe(ProjectCodes.ForeignOutput);
        error.Message.ShouldContain("'renamed'");
        project.Snapshot().ShouldBe(subset);

        project.Properties["DatasetName"] = "renamed";
        project.Build();
    }

    [Fact]
    public void A_file_of_another_name_beside_the_subset_is_left_alone()
    {
        Directory.CreateDirectory(project.OutputPath);
        File.WriteAllText(Path.Combine(project.OutputPath, "notes.txt"), "mine");

        project.Build().Result.Kept.ShouldBe(1);

        File.ReadAllText(Path.Combine(project.OutputPath, "notes.txt")).ShouldBe("mine");
    }

    [Fact]
    public void A_shard_in_the_output_folder_is_refused()
    {
        project.Build();
        var output = Path.GetRelativePath(project.Root, Path.Combine(project.OutputPath, "train", "train-00000-of-00001.jsonl"));
        project.Shard(output, Question);

        project.Fails().Code.ShouldBe(ProjectCodes.ShardInOutput);
    }

    [Theory]
    [InlineData("PAR1\u0015\u0004", "Parquet")]
    [InlineData("PK\u0003\u0004\u0014", "zip")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull")]
    public void A_file_of_another_format_is_named_once(string content, string name)
    {
        var path = project.Write("data/b.jsonl", Encoding.Latin1.GetBytes(content));

        var invalid = ShardIndexer.Read(path, ShapeOptions.Detect, 1 << 20, null, CancellationToken.None).Index.Invalid.ShouldHaveSingleItem();

        invalid.Code.ShouldBe(DataCodes.ForeignFormat);
        invalid.Message.ShouldContain(name);
    }

    [Fact]
    public void Mistakes_in_several_stages_are_told_at_once()
    {
        project.Stage("First", ("Kind", "Randm"), ("Keep", "5"));
        project.Stage("Second", ("Kind", "Random"), ("Keep", "five"));
        project.Stage("Third", ("Kind", "Random"));

        var (build, error) = project.TryBuild();

        build!.Diagnostics.Select(diagnostic => diagnostic.Code).ShouldBe([ProjectCodes.UnknownKind, ProjectCodes.InvalidValue]);
        error.ShouldNotBeNull().ShouldContain(ProjectCodes.MissingParameter);
    }
}
