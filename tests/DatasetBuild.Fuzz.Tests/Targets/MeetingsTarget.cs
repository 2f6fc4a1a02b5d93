using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>Whom each record of the last pool met.</summary>
internal sealed class MeetingsTarget : PayloadTarget
{
    private static readonly ScorerIdentity Identity = ScorerIdentity.Of(("scorer", "NearDuplicates"));
    private static readonly Pool Known = new([Shard(1, 0, 3), Shard(2, 3, 2) with { Previous = new PreviousShard(Hash(3), 4, [new KnownRun(0, 2, 2)]) }], new RecordKey[5]);

    public override string Name => "near-meetings";

    protected override string Kind => "near-meetings";

    protected override int Version => 1;

    protected override string PathOf(byte[] payload) => Scratch.At("near-0.blk");

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var pool in (Pool[])[Known, new([Shard(1, 0, 3), Shard(3, 3, 4)], new RecordKey[7])])
        {
            new EarlierMeetings(PathOf([]), Identity, pool, static _ => { }).Save(DedupOrder.Of(pool, [0, 1, 3]), [1, 1, 0, 2, 0, 0, 0], new Candidates(3, []), [(1, 0)]);
            yield return PayloadOf(PathOf([]));
        }
    }

    protected override string Load(byte[] payload) => string.Concat(new EarlierMeetings(PathOf(payload), Identity, Known, static _ => { }).Meetings.Select(met => Math.Min((int)met, 9)));

    private static PoolShard Shard(byte number, int first, int count) =>
        new(new PlanShard($"{number}.jsonl", $"/{number}.jsonl", new ShapeOptions(), 0), first, count, default, default, Hash(number)) { DialectSet = 0, FieldSet = 0 };

    private static byte[] Hash(byte number) => [.. Enumerable.Repeat(number, ContentDigest.Size)];
}
