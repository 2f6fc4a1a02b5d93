using System.IO.Compression;
using System.Text;

namespace DatasetBuild.Tests.Pipeline;

public sealed class IndexProgressTests : IDisposable
{
    private const int Records = 20_000;

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, 0.01)]
    [InlineData(true, 0.5)]
    public void How_many_records_there_will_be_is_known_long_before_they_are_read(bool isPacked, double tolerance)
    {
        var project = new TestProject(folder.At("project"));
        foreach (var shard in Enumerable.Range(0, 3))
        {
            project.Shard($"{shard}.jsonl", isPacked ? Packed(shard) : Plain(shard));
        }

        var ticks = Index(project);
        ticks.Count.ShouldBeGreaterThan(10);
        ticks.Skip(isPacked ? ticks.Count / 2 : 0).ShouldAllBe(tick => Math.Abs(tick.Total - (3.0 * Records)) <= tolerance * 3 * Records);
        ticks[^1].ShouldBe(("Index", 3 * Records, 3 * Records, 0));
    }

    [Fact]
    public void What_is_known_is_not_expected_to_be_read()
    {
        var project = new TestProject(folder.At("project"));
        foreach (var shard in Enumerable.Range(0, 3))
        {
            project.Shard($"{shard}.jsonl", Plain(shard));
        }

        project.Build();
        project.Shard("1.jsonl", Plain(3));

        Index(project)[^1].ShouldBe(("Index", Records, Records, 0));
        Index(project).ShouldBeEmpty();
    }

    /// <summary>What a build said of the step; the order of lines of several threads is theirs.</summary>
    private static List<(string Step, long Done, long Total, long Cached)> Index(TestProject project) =>
        [.. project.Build().Ticks.Where(tick => tick.Step == "Index").OrderBy(tick => tick.Done)];

    private static byte[] Plain(int shard)
    {
        var text = new StringBuilder();
        for (var record = 0; record < Records; record++)
        {
            text.Append($"{{\"text\":\"{shard} {record:00000} {new string('x', 60)}\"}}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Packed(int shard)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Plain(shard));
        }

        return bytes.ToArray();
    }
}
