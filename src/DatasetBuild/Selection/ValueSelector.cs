using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>What happens to a record without a score.</summary>
public enum MissingPolicy
{
    Drop,
    Keep,
    Fail,
}

/// <summary>
/// Selects by value: limits, then a band or the first ranks. No parameter of it can change a score.
/// </summary>
public sealed record ValueRule
{
    /// <summary>Inclusive.</summary>
    public double? Min { get; init; }

    /// <summary>Inclusive.</summary>
    public double? Max { get; init; }

    public Keep? Keep { get; init; }

    /// <summary>Ranks in [lo, hi), as shares of the records with a value.</summary>
    public (Share Low, Share High)? Band { get; init; }

    public bool PreferHighest { get; init; } = true;

    public bool TiesByPosition { get; init; }

    public MissingPolicy Missing { get; init; }
}

/// <summary>Where a group's selection fell: how many entered with a value, how many stay, and the last value that was kept.</summary>
public sealed record GroupCut(string? Group, int WithValue, int Asked, int Kept, double? LastKept);

public static class ValueSelector
{
    /// <summary>Applies <paramref name="rule"/> to the records that entered the stage, and drops the others.</summary>
    /// <param name="rule">What stays.</param>
    /// <param name="stage">The stage's number, noted with each drop.</param>
    /// <param name="entered">Numbers in ascending order.</param>
    /// <param name="scores">The stage's scores.</param>
    /// <param name="groupOf">The group of each record of the pool, or null for one group of all.</param>
    /// <param name="groupNames">The name of each group number.</param>
    /// <param name="tokens">The cost of each record for a token budget, or null.</param>
    /// <param name="keys">The keys of all records of the pool.</param>
    /// <param name="fates">Receives the drops.</param>
    public static List<GroupCut> Apply(
        ValueRule rule,
        int stage,
        int[] entered,
        Scores scores,
        int[]? groupOf,
        IReadOnlyList<string>? groupNames,
        Scores? tokens,
        RecordKey[] keys,
        Fates fates)
    {
        var withValue = WithValue(rule, stage, entered, scores, fates);
        var cuts = new List<GroupCut>();
        if (groupOf is null)
        {
            cuts.Add(SelectGroup(rule, stage, null, withValue, scores, tokens, keys, fates));
            return cuts;
        }

        foreach (var group in withValue.GroupBy(record => groupOf[record]).OrderBy(group => groupNames![group.Key], StringComparer.Ordinal))
        {
            cuts.Add(SelectGroup(rule, stage, groupNames![group.Key], [.. group], scores, tokens, keys, fates));
        }

        return cuts;
    }

    private static int[] WithValue(ValueRule rule, int stage, int[] entered, Scores scores, Fates fates)
    {
        var count = 0;
        foreach (var record in entered)
        {
            count += scores.State[record] == Scores.HasValue ? 1 : 0;
        }

        if (count == entered.Length)
        {
            return entered;
        }

        var withValue = new int[count];
        var next = 0;
        foreach (var record in entered)
        {
            if (scores.State[record] == Scores.HasValue)
            {
                withValue[next++] = record;
            }
            else if (rule.Missing == MissingPolicy.Drop)
            {
                fates.Drop(record, stage, DropReason.Missing);
            }
        }

        return withValue;
    }

    private static GroupCut SelectGroup(
        ValueRule rule, int stage, string? group, int[] withValue, Scores scores, Scores? tokens, RecordKey[] keys, Fates fates)
    {
        var inRange = withValue;
        if (rule.Min is not null || rule.Max is not null || scores.Filtered is not null)
        {
            inRange = Array.FindAll(withValue, record =>
            {
                var value = scores.Value[record];
                var why = scores.Filtered is { } filtered && filtered[record] != DropReason.None ? filtered[record]
                    : value < rule.Min ? DropReason.BelowMin : value > rule.Max ? DropReason.AboveMax : DropReason.None;
                if (why != DropReason.None)
                {
                    fates.Drop(record, stage, why);
                }

                return why == DropReason.None;
            });
        }

        var ranking = new Lazy<Ranking>(() => new Ranking(inRange, scores, keys, rule.PreferHighest, rule.TiesByPosition));
        int[] kept = inRange;
        var asked = inRange.Length;
        if (rule.Band is { } band)
        {
            asked = band.High.Of(withValue.Length) - band.Low.Of(withValue.Length);
            kept = Except(ranking.Value.First(band.High.Of(withValue.Length)), ranking.Value.First(band.Low.Of(withValue.Length)));
            DropOthers(inRange, kept, stage, DropReason.OutsideBand, fates);
        }
        else if (rule.Keep is { } keep)
        {
            (asked, kept) = keep switch
            {
                Keep.Records(var count) => (count, ranking.Value.First(count)),
                Keep.ShareOf(var share) => (share.Of(withValue.Length), ranking.Value.First(share.Of(withValue.Length))),
                Keep.Tokens(var budget) => (inRange.Length, WithinBudget(ranking.Value.All(), tokens!, budget)),
                _ => throw new InvalidOperationException(keep.ToString()),
            };
            DropOthers(inRange, kept, stage, DropReason.NotKept, fates);
        }

        return new GroupCut(group, withValue.Length, asked, kept.Length, LastKept(rule, kept, scores));
    }

    private static int[] WithinBudget(int[] ranked, Scores tokens, long budget)
    {
        long spent = 0;
        var taken = 0;
        while (taken < ranked.Length && spent + tokens.Value[ranked[taken]] <= budget)
        {
            spent += (long)tokens.Value[ranked[taken++]];
        }

        var kept = ranked[..taken];
        Array.Sort(kept);
        return kept;
    }

    private static double? LastKept(ValueRule rule, int[] kept, Scores scores)
    {
        if (kept.Length == 0)
        {
            return null;
        }

        var last = scores.Value[kept[0]];
        foreach (var record in kept)
        {
            last = rule.PreferHighest ? Math.Min(last, scores.Value[record]) : Math.Max(last, scores.Value[record]);
        }

        return last;
    }

    private static void DropOthers(int[] all, int[] kept, int stage, DropReason why, Fates fates)
    {
        var next = 0;
        foreach (var record in all)
        {
            if (next < kept.Length && kept[next] == record)
            {
                next++;
            }
            else
            {
                fates.Drop(record, stage, why);
            }
        }
    }

    /// <summary>Those of <paramref name="all"/> that are not in <paramref name="some"/>; both ascending.</summary>
    private static int[] Except(int[] all, int[] some)
    {
        var rest = new int[all.Length - some.Length];
        int written = 0, next = 0;
        foreach (var record in all)
        {
            if (next < some.Length && some[next] == record)
            {
                next++;
            }
            else
            {
                rest[written++] = record;
            }
        }

        return rest;
    }
}
