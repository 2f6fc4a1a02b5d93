using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>Brings the values of a field of the raw records: from what was derived of each shard, or by reading the shard once.</summary>
internal static class FieldReader
{
    private const string Kind = "field-column";

    /// <summary>Calls <paramref name="take"/> for each of <paramref name="records"/> (ascending), one thread at a time a shard.</summary>
    public static void Read(StageContext context, string field, int[] records, Action<int, RawValue> take)
    {
        var raw = new RawField(field);
        context.Session.Parallel(context.Pool.Shards.Count, number =>
        {
            var shard = context.Pool.Shards[number];
            var (from, to) = Pool.RangeOf(shard, records);
            if (from < to)
            {
                var column = Load(context, raw, shard);
                foreach (var record in records.AsSpan(from, to - from))
                {
                    take(record, column[record - shard.First]);
                }
            }
        });
    }

    private static FieldColumn Load(StageContext context, RawField field, PoolShard shard)
    {
        var hash = SHA256.HashData([.. shard.IndexHash, .. Encoding.UTF8.GetBytes(field.Name)]);
        if (context.Session.Derived.TryRead(Kind, FieldColumn.Version, hash, out var payload))
        {
            using (payload)
            {
                if (FieldColumn.FromBytes(payload.Span, shard.Count) is { } kept)
                {
                    return kept;
                }
            }
        }

        var column = new FieldColumn(shard.Count);
        var all = Enumerable.Range(shard.First, shard.Count).ToArray();
        new RecordScan(context.Session, context.Pool).Raw(shard, all, (record, _, json) => column[record - shard.First] = field.Read(json));
        context.Session.Derived.Write(Kind, FieldColumn.Version, hash, column.ToBytes());
        return column;
    }
}
