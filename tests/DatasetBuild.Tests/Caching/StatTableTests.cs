using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public sealed class StatTableTests : IDisposable
{
    private static readonly FileStamp Stamp = new(1, 2, 3, 4, 5);
    private static readonly ContentDigest Digest = ContentDigest.Of("content"u8);
    private readonly TemporaryFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_digest_is_answered_for_the_same_stamp_only()
    {
        var table = new StatTable();
        table.Set("data/ä.jsonl", Stamp, Digest, racy: false);
        table.Set("young", Stamp, Digest, racy: true);
        table.Save(temp["t"], temp.Warn).ShouldBeTrue();
        var loaded = StatTable.Load(temp["t"], temp.Warn);
        loaded.Count.ShouldBe(2);
        loaded.TryGet("data/ä.jsonl", Stamp, out var digest).ShouldBeTrue();
        digest.ShouldBe(Digest);
        foreach (var other in new[] { Stamp with { Device = 9 }, Stamp with { Inode = 9 }, Stamp with { Size = 9 }, Stamp with { MTimeNs = 9 }, Stamp with { CTimeNs = 9 } })
        {
            loaded.TryGet("data/ä.jsonl", other, out _).ShouldBeFalse();
        }

        loaded.TryGet("young", Stamp, out _).ShouldBeFalse();
        loaded.TryGet("unknown", Stamp, out _).ShouldBeFalse();
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_table_is_empty_with_a_warning_and_a_missing_one_is_empty_without()
    {
        StatTable.Load(temp["missing"], temp.Warn).Count.ShouldBe(0);
        temp.Diagnostics.ShouldBeEmpty();
        var table = new StatTable();
        table.Set("a", Stamp, Digest, false);
        table.Save(temp["t"]);
        BlockFileTests.Flip(temp["t"], 80, 1);
        StatTable.Load(temp["t"], temp.Warn).Count.ShouldBe(0);
        temp.Codes.ShouldBe([CacheCodes.DamagedFile]);
    }

    [Fact]
    public void An_unchanged_table_is_not_written_again()
    {
        var table = new StatTable();
        table.Set("a", Stamp, Digest, false);
        table.Save(temp["t"]);
        FileStamp.TryOf(temp["t"], out var before);
        var loaded = StatTable.Load(temp["t"]);
        loaded.Set("a", Stamp, Digest, false);
        loaded.Save(temp["t"]);
        FileStamp.TryOf(temp["t"], out var after);
        after.ShouldBe(before);
        loaded.Forget(path => path == "a");
        loaded.Save(temp["t"]);
        StatTable.Load(temp["t"]).Count.ShouldBe(0);
    }

    [Fact]
    public void A_table_that_cannot_be_written_is_a_warning()
    {
        File.WriteAllText(temp["file"], "");
        var table = new StatTable();
        table.Save(temp["file", "t"], temp.Warn).ShouldBeFalse();
        temp.Codes.ShouldBe([CacheCodes.CannotWrite]);
    }
}
