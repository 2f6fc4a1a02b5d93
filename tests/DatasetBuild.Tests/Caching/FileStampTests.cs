using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public sealed class FileStampTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private readonly TemporaryFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void A_stamp_tells_what_the_file_system_knows()
    {
        File.WriteAllText(temp["a"], "hello");
        FileStamp.TryOf(temp["a"], out var stamp).ShouldBeTrue();
        stamp.Size.ShouldBe(5);
        (stamp.MTimeNs / 100).ShouldBe((File.GetLastWriteTimeUtc(temp["a"]) - DateTime.UnixEpoch).Ticks);
        Math.Abs(stamp.MTimeNs - FileStamp.NowNs()).ShouldBeLessThan(60 * Second);
        if (OperatingSystem.IsLinux())
        {
            stamp.Inode.ShouldNotBe(0ul);
            stamp.CTimeNs.ShouldBeGreaterThanOrEqualTo(stamp.MTimeNs);
            using var handle = File.OpenHandle(temp["a"]);
            FileStamp.TryOf(handle, out var open).ShouldBeTrue();
            open.ShouldBe(stamp);
        }
    }

    [Fact]
    public void Content_that_changes_behind_an_unchanged_size_and_mtime_is_seen()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Needs the time of the last status change.");
        }

        File.WriteAllText(temp["a"], "hello");
        var written = File.GetLastWriteTimeUtc(temp["a"]);
        FileStamp.TryOf(temp["a"], out var before);
        Thread.Sleep(30);
        File.WriteAllText(temp["a"], "hullo");
        File.SetLastWriteTimeUtc(temp["a"], written);
        FileStamp.TryOf(temp["a"], out var after);
        (after with { CTimeNs = before.CTimeNs, MTimeNs = before.MTimeNs }).ShouldBe(before);
        after.ShouldNotBe(before);
    }

    [Fact]
    public void Links_are_followed_and_what_is_no_regular_file_has_no_stamp()
    {
        File.WriteAllText(temp["a"], "hello");
        File.CreateSymbolicLink(temp["link"], temp["a"]);
        FileStamp.TryOf(temp["a"], out var file);
        FileStamp.TryOf(temp["link"], out var link).ShouldBeTrue();
        link.ShouldBe(file);
        FileStamp.TryOf(temp.Root, out _).ShouldBeFalse();
        FileStamp.TryOf(temp["missing"], out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(100 * Second + 7, 100 * Second + 7, 100 * Second + 10_000_000, true)]
    [InlineData(100 * Second + 7, 100 * Second + 7, 100 * Second + 20_000_008, false)]
    [InlineData(50 * Second + 7, 100 * Second + 7, 100 * Second + 10_000_000, true)]
    [InlineData(100 * Second, 100 * Second, 101 * Second, true)]
    [InlineData(100 * Second, 100 * Second, 102 * Second + 1, false)]
    [InlineData(200 * Second + 7, 100 * Second + 7, 150 * Second, true)]
    public void A_stamp_is_racy_until_the_file_system_clock_has_surely_moved_on(long mtime, long ctime, long now, bool racy) =>
        new FileStamp(1, 2, 3, mtime, ctime).IsRacy(now).ShouldBe(racy);
}
