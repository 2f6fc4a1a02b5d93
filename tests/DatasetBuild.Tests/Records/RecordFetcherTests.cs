using DatasetBuild.Records;
using DatasetBuild.Tests.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Records;

public sealed class RecordFetcherTests
{
    [Fact]
    public void Every_place_gives_its_own_bytes_however_far_apart_the_places_are() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(50),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var random = new Random(seed);
            using var folder = new ScratchFolder();
            var shard = new byte[random.Next(1, 3 << 20)];
            random.NextBytes(shard);
            var path = Path.Combine(folder.Root, "shard.jsonl");
            File.WriteAllBytes(path, shard);

            // Dense, sparse, or one after the other, with lengths on both sides of what is read ahead.
            var gap = random.Next(3) switch { 0 => 2, 1 => 4_000, _ => 100_000 };
            var longest = random.Next(3) switch { 0 => 3, 1 => 3_000, _ => 60_000 };
            using var fetcher = new RecordFetcher(path, isGzip: false);
            for (var at = random.Next(gap); at < shard.Length; at += random.Next(gap))
            {
                var length = random.Next(Math.Min(longest, shard.Length - at) + 1);
                fetcher.Fetch(at, length).SequenceEqual(shard.AsSpan(at, length)).ShouldBeTrue($"{length} bytes at {at}");
                at += length;
            }
        }));

    [Fact]
    public void A_place_beyond_the_end_is_an_error()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Root, "shard.jsonl");
        File.WriteAllBytes(path, new byte[100]);

        using var fetcher = new RecordFetcher(path, isGzip: false);

        Should.Throw<EndOfStreamException>(() => { fetcher.Fetch(90, 11); });
    }
}
