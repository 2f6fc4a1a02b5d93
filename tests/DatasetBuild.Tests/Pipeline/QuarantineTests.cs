using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What is set aside is counted and listed, all of it; and what has nothing to set aside is not passed over in silence.</summary>
public sealed class QuarantineTests : IDisposable
{
    private const string Good = """{"question":"q","answer":"a"}""";
    private const string Another = """{"question":"r","answer":"a"}""";
    private const int Many = (3 * ShardIndexer.MaxInvalid) + 7;

    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public QuarantineTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Thousands_of_bad_records_of_one_shard_are_all_set_aside()
    {
        project.Shard("data/a.jsonl", [Good, .. Enumerable.Range(0, Many).Select(i => $$"""{"n":{{i}}}"""), Another]);

        var build = project.Build();

        build.Result.Kept.ShouldBe(2);
        build.Diagnostics.ShouldHaveSingleItem().Message.ShouldStartWith($"{Many} records cannot be read and are set aside");
        var rows = Rows();
        rows.Select(row => (int)row["line"]!).ShouldBe(Enumerable.Range(2, Many));
        ((string)rows[^1]["text"]!).ShouldBe($$"""{"n":{{Many - 1}}}""");
        ((int)project.Manifest()["inputs"]![0]!["invalid"]!).ShouldBe(Many);
    }

    [Fact]
    public void A_shard_that_a_build_without_quarantine_gave_up_is_read_to_its_end()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Repeat("{}", Many), Good]);
        project.Properties["DatasetOnInvalidRecord"] = "Error";
        Should.Throw<BuildFailedException>(() => project.Build());

        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        project.Build().Result.Kept.ShouldBe(1);

        Rows().Count.ShouldBe(Many);
    }

    [Fact]
    public void Records_above_the_limit_are_set_aside_without_their_text()
    {
        var huge = Good.Replace("\"a\"", $"\"{new string('a', 200)}\"", StringComparison.Ordinal);
        project.Shard("data/a.jsonl", [Good, .. Enumerable.Repeat(huge, ShardIndexer.MaxInvalid + 1), .. Enumerable.Repeat(Good, 100)]);
        project.Properties["DatasetMaxRecordBytes"] = "100";

        project.Build().Result.Kept.ShouldBe(101);

        Rows().Count.ShouldBe(ShardIndexer.MaxInvalid + 1);
    }

    [Fact]
    public void A_shard_of_which_nothing_is_a_record_counts_as_a_shard()
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("a.jsonl");
        }

        project.Shard("data/a.jsonl", Good, "{}");
        project.Shard("data/b.zip", packed.ToArray());

        var warning = project.Build().Diagnostics.ShouldHaveSingleItem();

        (warning.Code, Rows().Count).ShouldBe((DataCodes.Quarantined, 2));
        warning.Message.ShouldStartWith("1 record and the whole shard 'data/b.zip' cannot be read and are set aside");
    }

    [Fact]
    public void What_follows_a_break_in_an_array_is_said_to_be_unread()
    {
        project.Shard("data/a.json", Encoding.UTF8.GetBytes($"[{Good}\n{Another}]"));

        project.Build().Result.Kept.ShouldBe(1);

        ((string)Rows().ShouldHaveSingleItem()["reason"]!).ShouldEndWith("Nothing behind this place was read.");
    }

    [Theory]
    [InlineData(" ", true)]
    [InlineData("\n\r\n \t\n", true)]
    [InlineData("\ufeff", true)]
    [InlineData("", false)]
    [InlineData("[]", false)]
    public void A_shard_of_white_space_alone_is_warned_of(string text, bool isWarned)
    {
        project.Shard("data/a.jsonl", Good);
        var path = project.Shard("data/b.jsonl", Encoding.UTF8.GetBytes(text));

        var warnings = project.Build().Diagnostics;

        warnings.Select(warning => (warning.Code, warning.File, warning.Line)).ShouldBe(isWarned ? [(DataCodes.BlankShard, path, 1)] : []);
        project.Build().Diagnostics.Count.ShouldBe(warnings.Count, "a build that reads nothing anew says it again");
    }

    private List<JsonNode> Rows() => [.. File.ReadAllLines(Path.Combine(project.ReportPath, "quarantine.jsonl")).Select(line => JsonNode.Parse(line)!)];
}
