using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>
/// The index of a shard, whose places, lengths and passages somebody may have forged: it is read, records are fetched by it, and a changed shard is read with
/// its help.
/// </summary>
internal sealed class ShardIndexTarget : PayloadTarget
{
    private static readonly byte[] Hash = SHA256.HashData("shard"u8);
    private readonly string shard;
    private readonly string changed;

    public ShardIndexTarget()
    {
        var lines = SampleRecords.Lines.Take(9).Select(line => line + "\n").ToList();
        shard = Scratch.Write("shard.jsonl", Encoding.UTF8.GetBytes(string.Concat(lines) + "{broken\n"));
        changed = Scratch.Write("changed.jsonl", Encoding.UTF8.GetBytes(string.Concat(lines) + "{broken\n" + lines[^1]));
        Scratch.Write("lines.jsonl", Encoding.UTF8.GetBytes(string.Concat(lines)));
    }

    public override string Name => "shard-index";

    protected override string Kind => $"shard-index/{Convert.ToHexStringLower(Hash)}";

    protected override int Version => 2;

    private string Cache => Scratch.At("cache");

    protected override string PathOf(byte[] payload) => Path.Combine(Cache, "derived", "shard-index", Convert.ToHexStringLower(Hash)[..2], Convert.ToHexStringLower(Hash) + ".blk");

    public override long MayAllocate(int length) => (64L << 20) + (2000L * length);

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var path in (string[])[shard, Scratch.At("lines.jsonl"), Scratch.Write("empty.jsonl", [])])
        {
            ShardIndexFile.Write(new DerivedData(Cache, _ => { }), Hash, Read(path, null).Index);
            yield return PayloadOf(PathOf([]));
        }
    }

    protected override string Load(byte[] payload)
    {
        var warnings = new List<Diagnostic>();
        var derived = new DerivedData(Cache, warnings.Add);
        var again = 0;
        var index = ShardIndexFile.TryOpen(derived, Hash, () =>
        {
            again++;
            return Read(shard, null).Index;
        });
        var outcome = index is null ? "none" : Use(index);
        if (ShardIndexFile.TryLoad(derived, Hash) is { } previous)
        {
            var read = Read(changed, previous);
            outcome += $" {Checks.Bucket(read.Known.Sum(run => (long)run.Count))} {Checks.Bucket(read.Index.Count)}";
        }

        Checks.Holds(warnings.Count == 0, "there are warnings of damage, and no byte is damaged");
        return $"{outcome} {again}";
    }

    private string Use(ShardIndex index)
    {
        Checks.Holds(index.Keys.Length == index.Count && index.Contents.Hashes.Length == index.Count && index.Places.Offsets.Length == index.Count, "the parts of an index differ in length");
        for (var i = 0; i < index.Count; i++)
        {
            _ = index.LineOf(i);
        }

        var fetched = 0;
        using var fetcher = new RecordFetcher(shard, isGzip: false);
        for (var i = 0; i < Math.Min(index.Count, 100); i++)
        {
            try
            {
                fetched += fetcher.Fetch(index.Offsets[i], index.Lengths[i]).Length > 0 ? 1 : 0;
            }
            catch (EndOfStreamException)
            {
                // As of a shard that became shorter.
            }
        }

        return $"{Checks.Bucket(index.Count)} {Checks.Bucket(index.Invalid.Count)} {Checks.Bucket(index.Passages.Count)} {Checks.Bucket(fetched)}";
    }

    private static IndexedShard Read(string path, ShardIndex? previous) => ShardIndexer.Read(path, ShapeOptions.Detect, 1 << 20, null, CancellationToken.None, previous: previous);
}
