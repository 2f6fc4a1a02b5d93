namespace DatasetBuild.Tests.Pipeline;

/// <summary>Inputs whose stamps changed and nothing else.</summary>
public sealed class TouchedInputsTests : IDisposable
{
    private static readonly string[] Lines = [.. Enumerable.Range(0, 50).Select(i => $$"""{"prompt":"Question {{i}}","completion":"answer {{i % 40}}"}""")];

    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public TouchedInputsTests()
    {
        project = new TestProject(folder.At("project"));
        project.Shard("data/a.jsonl", Lines[..30]);
        project.Shard("data/b.jsonl", Lines[30..]);
        project.Stage("Content", ("Kind", "ExactDedup"), ("Part", "Response"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Part", "Response"), ("Min", "2"));
        foreach (var shard in (string[])["data/a.jsonl", "data/b.jsonl"])
        {
            Touch(shard, minutesAgo: 9);
        }

        project.Build();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void There_is_nothing_to_do_and_the_next_build_need_not_look()
    {
        var before = project.Snapshot();
        Touch("data/a.jsonl");
        Replace("data/b.jsonl", File.ReadAllBytes(PathOf("data/b.jsonl")));
        project.UpToDate().ShouldBeNull();

        var result = project.Touched().ShouldNotBeNull();

        (result.UpToDate, result.Records, result.Kept).ShouldBe((true, 50, 40));
        result.Outputs.ShouldNotBeEmpty();
        project.UpToDate().ShouldNotBeNull();
        project.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void Warnings_are_given_again()
    {
        project.Shard("data/blank.jsonl", "");
        var said = project.Build().Diagnostics;
        said.ShouldNotBeEmpty();
        Touch("data/blank.jsonl");

        project.Touched().ShouldNotBeNull().Warnings.Select(warning => warning.ToString()).ShouldBe(said.Select(warning => warning.ToString()));
    }

    [Fact]
    public void The_same_content_written_a_moment_ago_is_read_again_next_time()
    {
        Replace("data/a.jsonl", File.ReadAllBytes(PathOf("data/a.jsonl")), minutesAgo: -5);

        project.Touched().ShouldNotBeNull();
        project.UpToDate().ShouldBeNull();
        project.Touched().ShouldNotBeNull();
    }

    [Fact]
    public void Another_content_of_the_same_size_is_built()
    {
        var text = File.ReadAllText(PathOf("data/a.jsonl"));
        Touch("data/b.jsonl");
        Replace("data/a.jsonl", System.Text.Encoding.UTF8.GetBytes(text.Replace("answer 12", "answer 13", StringComparison.Ordinal)));

        project.Touched().ShouldBeNull();
        project.Build().Result.Kept.ShouldBe(39);
        ShouldBeThatOfACleanBuild();
    }

    [Theory]
    [InlineData("longer")]
    [InlineData("gone")]
    [InlineData("subset")]
    [InlineData("report")]
    [InlineData("stray")]
    [InlineData("plan")]
    public void Any_other_change_is_built(string change)
    {
        Touch("data/a.jsonl");
        switch (change)
        {
            case "longer":
                File.AppendAllText(PathOf("data/b.jsonl"), Lines[0] + "\n");
                break;
            case "gone":
                File.Delete(PathOf("data/b.jsonl"));
                break;
            case "subset":
                File.AppendAllText(Directory.GetFiles(project.OutputPath, "*.jsonl", SearchOption.AllDirectories)[0], "\n");
                break;
            case "stray":
                File.WriteAllText(Path.Combine(project.OutputPath, "train", "train-00009-of-00010.jsonl"), Lines[0] + "\n");
                break;
            case "report":
                File.Delete(Directory.GetFiles(project.ReportPath)[0]);
                break;
            default:
                project.Stages[1].Metadata["Min"] = "1";
                break;
        }

        project.Touched().ShouldBeNull();
    }

    [Fact]
    public void A_file_that_a_stage_reads_may_be_touched_too()
    {
        project.Stage("ScoreFile", ("File", "scores.csv"), ("IdField", "prompt"), ("Min", "0"));
        project.Write("scores.csv", "prompt,score\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"Question {i},{i % 2}\n")));
        Touch("scores.csv", minutesAgo: 2);
        project.Build().Result.Kept.ShouldBe(40);

        Touch("scores.csv");
        project.Touched().ShouldNotBeNull();
        var content = File.ReadAllBytes(PathOf("scores.csv"));
        Replace("scores.csv", [.. content.Reverse()]);
        project.Touched().ShouldBeNull();

        // Under a stamp that says too little the stages may have read something else than what was noted.
        Replace("scores.csv", content, minutesAgo: -5);
        project.Build();
        project.Touched().ShouldBeNull();
    }

    [Fact]
    public void Inputs_that_are_read_each_time_stay_so()
    {
        project.Properties["DatasetVerifyInputs"] = "true";
        project.Build();

        for (var again = 0; again < 2; again++)
        {
            project.UpToDate().ShouldBeNull();
            project.Touched().ShouldNotBeNull();
        }
    }

    [Fact]
    public void Whoever_stops_it_finds_everything_as_it_was()
    {
        Touch("data/a.jsonl");
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Should.Throw<OperationCanceledException>(() => project.Touched(stop.Token));
        project.UpToDate().ShouldBeNull();
        project.Touched().ShouldNotBeNull();
    }

    private string PathOf(string name) => Path.Combine(project.Root, name);

    private void Touch(string name, int minutesAgo = 1)
    {
        File.SetLastWriteTimeUtc(PathOf(name), DateTime.UtcNow.AddMinutes(-minutesAgo));
        Thread.Sleep(50); // past the clock's tick that the change of the stamp itself fell into
    }

    /// <summary>Another file in the place of the old one, as a checkout leaves it.</summary>
    private void Replace(string name, byte[] content, int minutesAgo = 1)
    {
        File.WriteAllBytes(PathOf(name) + ".new", content);
        File.Move(PathOf(name) + ".new", PathOf(name), overwrite: true);
        Touch(name, minutesAgo);
    }

    private void ShouldBeThatOfACleanBuild()
    {
        var warm = project.Lines();
        Directory.Delete(project.CachePath, recursive: true);
        Directory.Delete(project.StatePath, recursive: true);
        Directory.Delete(project.OutputPath, recursive: true);
        project.Build();
        project.Lines().ShouldBe(warm);
    }
}
