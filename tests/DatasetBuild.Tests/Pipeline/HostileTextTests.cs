using System.Text;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Text that means something to a terminal, to YAML or to MSBuild names nothing; what is quoted from data is quoted in short.</summary>
public sealed class HostileTextTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public HostileTextTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", IncrementalTests.Record(1));
    }

    public static TheoryData<string> ControlCharacters => ["\u001b[31m", "\0", "\u0007", "\u009b2J", "\u007f"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(ControlCharacters))]
    public void Control_characters_in_names_and_parameters_are_mistakes_that_show_them_escaped(string hostile)
    {
        Refused(build => build.Stage($"Sho{hostile}rt", ("Kind", "Random"), ("Keep", "5")));
        Refused(build => build.Stage("Short", ("Kind", "Random"), ("Keep", $"5{hostile}5")));
        Refused(build => build.Stage("Short", ("Kind", "Column"), ("Field", $"a{hostile}b"), ("Min", "5")));
        Refused(build => build.Stage("Short", ("Kind", $"Ran{hostile}dom"), ("Keep", "5")));
        Refused(build => build.Stage("Short", ("Kind", "ScoreFile"), ("File", $"a{hostile}b"), ("Min", "5")));
        Refused(build => build.Properties["DatasetName"] = $"a{hostile}b");
        Refused(build => build.Properties["DatasetTokenizer"] = $"a{hostile}b");
        Refused(build => build.Shards[0].Metadata["CanonicalPath"] = $"a{hostile}b/c.jsonl");

        void Refused(Action<TestProject> spoil)
        {
            var spoilt = new TestProject(folder.At("spoilt"));
            spoilt.Shard("data/a.jsonl", IncrementalTests.Record(1));
            spoil(spoilt);

            var error = spoilt.Fails();

            error.Code.ShouldBe(ProjectCodes.InvalidValue, error.Message);
            error.Message.ShouldNotContain(hostile);
            error.Message.ShouldContain($@"\u{(int)hostile[0]:x4}");
            error.Message.ShouldContain("control character");
            Directory.Exists(spoilt.OutputPath).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("DatasetName", "mine\n---\nlicense: stolen")]
    [InlineData("DatasetLicense", "mit\r\nconfigs: []")]
    public void A_line_break_cannot_add_to_the_front_matter_of_the_card(string property, string value)
    {
        project.Properties[property] = value;

        project.Fails().Code.ShouldBe(ProjectCodes.InvalidValue);
    }

    [Fact]
    public void A_list_may_be_written_over_several_lines()
    {
        project.Stage("Duplicates", ("Kind", "ExactDedup"), ("Normalize", "\r\n\tTrim;\r\n\tLower\r\n"));

        project.Build().Result.Kept.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\t")]
    public void A_stage_has_a_name(string name)
    {
        project.Stage(name, ("Kind", "Random"), ("Keep", "5"));

        project.Fails().Code.ShouldBe(ProjectCodes.InvalidValue);
    }

    /// <summary>A message is for a line of a screen, however long what it is about.</summary>
    [Theory]
    [InlineData("{\"¦\":1}")]
    [InlineData("{\"messages\":[{\"role\":\"¦\",\"content\":\"a\"}]}")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"¦\"}]}]}")]
    [InlineData("{\"prompt\":\"a\",\"completion\":\"b\" ¦}")]
    [InlineData("¦")]
    public void A_message_about_a_record_is_short(string record)
    {
        project.Shard("data/a.jsonl", record.Replace("¦", new string('x', 1_000_000), StringComparison.Ordinal));

        project.TryBuild().Error.ShouldNotBeNull().Length.ShouldBeLessThan(1000);
    }

    [Theory]
    [InlineData("key,score\n¦,1\n", 2)]
    [InlineData("key,score\n00000000000000000000000000000000,¦\n", 2)]
    [InlineData("¦,score\n", 1)]
    [InlineData("{\"key\":\"¦\",\"score\":1}", 1)]
    public void So_is_one_about_a_score_file(string rows, int line)
    {
        project.Write("scores", rows.Replace("¦", new string('x', 1_000_000), StringComparison.Ordinal));
        project.Stage("Scores", ("Kind", "ScoreFile"), ("File", "scores"), ("Min", "0"));

        var error = project.Fails();

        error.Line.ShouldBe(line);
        error.Message.Length.ShouldBeLessThan(1000);
    }

    [Theory]
    [InlineData("key,score\n\"")]
    [InlineData("key,score\n")]
    [InlineData("{\"key\":\"")]
    public void A_row_of_a_score_file_that_does_not_end_is_refused_before_all_of_it_is_held(string start)
    {
        using (var file = new StreamWriter(Path.Combine(project.Root, "scores")))
        {
            file.Write(start);
            var block = new string('x', 1 << 20);
            for (var i = 0; i < 100; i++)
            {
                file.Write(block);
            }
        }

        project.Stage("Scores", ("Kind", "ScoreFile"), ("File", "scores"), ("Min", "0"));

        project.Fails().Message.ShouldContain("longer than");
    }

    [Fact]
    public void A_shard_may_have_a_name_that_looks_like_anything_and_its_verdicts_have_a_place()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names that its file systems do not take");
        string[] names = ["%28$(HOME);@(Y){0}.jsonl", "a\u001b[31m\nb.jsonl", "-rf.jsonl", new string('x', 249) + ".jsonl", string.Concat(Enumerable.Repeat("é", 124)) + ".jsonl", "%2E%2E", "x%3Ay", "x:y"];
        for (var i = 0; i < names.Length; i++)
        {
            Encoding.UTF8.GetByteCount(names[i]).ShouldBeLessThanOrEqualTo(255);
            project.Shard($"data/{names[i]}", IncrementalTests.Record(100 + i));
        }

        project.Build().Result.Kept.ShouldBe(names.Length + 1);

        Directory.GetFiles(Path.Combine(project.ReportPath, "verdicts", "data")).Length.ShouldBe(names.Length + 1);
        project.Manifest()["inputs"]!.AsArray().Select(input => input!["path"]!.GetValue<string>()).ShouldBe(
            names.Select(name => $"data/{name}").Append("data/a.jsonl"), ignoreOrder: true);
        project.Build().Result.Kept.ShouldBe(names.Length + 1);
    }
}
