using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public sealed class DerivedDataTests : IDisposable
{
    private static readonly byte[] Hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly TemporaryFolder temp = new();
    private readonly ManualTime time = new();

    public void Dispose() => temp.Dispose();

    private DerivedData Data => new(temp["cache"], temp.Warn, time);

    private string FileOfHash => temp["cache", "derived", "shard-index", "00", Convert.ToHexStringLower(Hash) + ".blk"];

    [Fact]
    public void A_result_is_found_under_the_hash_of_its_inputs()
    {
        Data.TryOpen("shard-index", 1, Hash, out _).ShouldBeFalse();
        Data.Write("shard-index", 1, Hash, [1, 2, 3]).ShouldBeTrue();
        Data.TryRead("shard-index", 1, Hash, out var payload).ShouldBeTrue();
        payload.Span.ToArray().ShouldBe([1, 2, 3]);
        payload.Dispose();
        Data.TryOpen("shard-index", 2, Hash, out _).ShouldBeFalse();
        File.Exists(FileOfHash).ShouldBeTrue();
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_under_another_hash_is_no_result()
    {
        Data.Write("shard-index", 1, Hash, [1, 2, 3]);
        byte[] other = [.. Hash.Reverse()];
        Data.Write("shard-index", 1, other, writer => writer.Write([9]));
        File.Copy(temp["cache", "derived", "shard-index", "1f", Convert.ToHexStringLower(other) + ".blk"], FileOfHash, overwrite: true);
        Data.TryOpen("shard-index", 1, Hash, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_damaged_result_is_a_miss_with_a_warning()
    {
        Data.Write("shard-index", 1, Hash, [1, 2, 3]);
        File.WriteAllBytes(FileOfHash, [1, 2, 3]);
        Data.TryOpen("shard-index", 1, Hash, out _).ShouldBeFalse();
        temp.Codes.ShouldBe([CacheCodes.DamagedFile]);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_one_warning()
    {
        File.WriteAllText(temp["cache"], "a file where the folder should be");
        var data = Data;
        data.Write("shard-index", 1, Hash, [1]).ShouldBeFalse();
        data.Write("shard-index", 1, Hash, writer => writer.Write([1])).ShouldBeFalse();
        data.TryOpen("shard-index", 1, Hash, out _).ShouldBeFalse();
        temp.Codes.ShouldBe([CacheCodes.CannotWrite]);
    }

    [Fact]
    public void Folders_are_private()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No modes.");
        Data.Write("shard-index", 1, Hash, [1]);
        foreach (var folder in new[] { temp["cache"], temp["cache", "derived"], Path.GetDirectoryName(FileOfHash)! })
        {
            (OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(folder)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder);
        }
    }

    [Fact]
    public void Use_is_stamped_at_most_every_half_hour()
    {
        Data.Write("shard-index", 1, Hash, [1]);
        var written = File.GetLastWriteTimeUtc(FileOfHash);
        time.Advance(TimeSpan.FromMinutes(20));
        Open();
        File.GetLastWriteTimeUtc(FileOfHash).ShouldBe(written);
        time.Advance(TimeSpan.FromMinutes(20));
        Open();
        File.GetLastWriteTimeUtc(FileOfHash).ShouldBe(time.GetUtcNow().UtcDateTime, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("Upper")]
    public void A_kind_is_a_plain_name(string kind) => Should.Throw<ArgumentException>(() => Data.TryOpen(kind, 1, Hash, out _));

    private void Open()
    {
        Data.TryOpen("shard-index", 1, Hash, out var reader).ShouldBeTrue();
        reader.Dispose();
    }
}
