using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The records that a stage looks for duplicates among, in the order of preference: those of the base, which all stay, then by priority, then canonically. A record goes by
/// one number: in the pool by its own, in the base by its own behind all of the pool.
/// </summary>
internal sealed class DedupOrder
{
    private DedupOrder(int baseCount, int[] numbers, RecordKey[] keys)
    {
        BaseCount = baseCount;
        Numbers = numbers;
        Keys = keys;
    }

    /// <summary>How many of them are of the base; these come first.</summary>
    public int BaseCount { get; }

    public int[] Numbers { get; }

    /// <summary>By number.</summary>
    public RecordKey[] Keys { get; }

    /// <summary>Those of them that have something, in the same order.</summary>
    public DedupOrder Where(Predicate<int> has)
    {
        var numbers = Array.FindAll(Numbers, has);
        return new DedupOrder(Numbers.AsSpan(0, BaseCount).ToArray().Count(number => has(number)), numbers, Keys);
    }

    /// <param name="pool">All records.</param>
    /// <param name="records">Those of the pool that take part, ascending.</param>
    public static DedupOrder Of(Pool pool, int[] records)
    {
        if (pool.Priorities is { } priorityOf)
        {
            // A stable sort: canonical order stays what it is inside a priority.
            records = [.. records.OrderByDescending(priorityOf)];
        }

        if (pool.Base is not { Count: > 0 } known)
        {
            return new DedupOrder(0, records, pool.Keys);
        }

        var numbers = new int[known.Count + records.Length];
        for (var i = 0; i < known.Count; i++)
        {
            numbers[i] = pool.Count + i;
        }

        records.CopyTo(numbers, known.Count);
        return new DedupOrder(known.Count, numbers, [.. pool.Keys, .. known.Keys]);
    }
}
