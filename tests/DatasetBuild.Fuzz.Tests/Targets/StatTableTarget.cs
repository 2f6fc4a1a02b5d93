using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>The table of file stamps; what is loaded is saved and loaded as the same.</summary>
internal sealed class StatTableTarget : PayloadTarget
{
    public override string Name => "stat-table";

    protected override string Kind => "stat-table";

    protected override int Version => 1;

    protected override string PathOf(byte[] payload) => Scratch.At("stat.blk");

    public override IEnumerable<byte[]> Seeds()
    {
        var table = new StatTable();
        yield return Saved(table);
        for (var i = 0; i < 3; i++)
        {
            table.Set($"/data/{i}.jsonl", new FileStamp(1, (ulong)i, 100, 7, 8), ContentDigest.Of([(byte)i]), i == 1);
            yield return Saved(table);
        }
    }

    protected override string Load(byte[] payload)
    {
        var warnings = new List<Diagnostic>();
        var table = StatTable.Load(PathOf(payload), warnings.Add);
        Checks.Holds(table.Count == 0 || warnings.Count == 0, "a damaged table was not left out");
        Checks.Holds(warnings.All(warning => warning.Code == CacheCodes.DamagedFile), "damage has another code");
        table.Set("/new", new FileStamp(1, 2, 3, 4, 5), ContentDigest.Of("new"u8), racy: false);
        var count = table.Count;
        Checks.Holds(StatTable.Load(SavedAt(table)).Count == count, "a table that was saved lost entries");
        return $"{Checks.Bucket(count)} {warnings.Count}";
    }

    private byte[] Saved(StatTable table) => PayloadOf(SavedAt(table));

    private string SavedAt(StatTable table)
    {
        table.Save(Scratch.At("saved.blk"), warning => throw new FuzzFailure(warning.Message, null));
        return Scratch.At("saved.blk");
    }
}
