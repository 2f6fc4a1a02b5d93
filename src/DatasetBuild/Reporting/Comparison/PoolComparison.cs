using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>
/// Finds out which records differ between two builds. Shards are read side by side, and what is the same on both sides is passed over at once: memory follows what
/// changed, not the pool.
/// </summary>
internal sealed class PoolComparison
{
    /// <summary>How far ahead two shards are searched for where they agree again; first near, since most edits are small.</summary>
    private static readonly int[] Horizons = [16, 256, 4096];

    private readonly ComparedSide before;
    private readonly ComparedSide after;
    private readonly List<string> names = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<(byte[] Bytes, RecordFate Fate)> fates = [];
    private readonly List<PoolRow> rows = [];
    private readonly List<RowChange> changes = [];

    private PoolComparison(ComparedSide before, ComparedSide after)
    {
        this.before = before;
        this.after = after;
    }

    /// <summary>Whether what was dropped is known on both sides; otherwise it is the subsets that are compared.</summary>
    public bool KnowsDropped => before.HasVerdicts && after.HasVerdicts;

    /// <summary>Whether any record is on both sides.</summary>
    public bool HasCommon { get; private set; }

    /// <summary>All differences: by kind, then in canonical order.</summary>
    public IReadOnlyList<RowChange> Changes => changes;

    /// <param name="before">One side.</param>
    /// <param name="after">The other.</param>
    /// <param name="isOneDataset">Whether both are builds of one dataset: then it may be that each of its records was edited. Of others that have no record in common none is.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <exception cref="DatasetException">Verdicts or files of a side cannot be read.</exception>
    public static PoolComparison Of(ComparedSide before, ComparedSide after, bool isOneDataset, CancellationToken cancel)
    {
        var comparison = new PoolComparison(before, after);
        comparison.ReadRows(cancel);
        comparison.MatchRows(isOneDataset);
        return comparison;
    }

    public string NameOf(int source) => names[source];

    public RecordFate FateOf(PoolRow row) => fates[row.Fate].Fate;

    private void ReadRows(CancellationToken cancel)
    {
        foreach (var name in before.Sources.Union(after.Sources, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Number(name);
        }

        var (old, now) = (before.Sources.ToHashSet(StringComparer.Ordinal), after.Sources.ToHashSet(StringComparer.Ordinal));
        foreach (var name in names.ToList())
        {
            cancel.ThrowIfCancellationRequested();
            var isBoth = KnowsDropped && old.Contains(name) && now.Contains(name);
            if (isBoth && before.VerdictsOf(name) == after.VerdictsOf(name))
            {
                HasCommon = true;
                continue; // one file, since nothing in it changed
            }

            using var left = old.Contains(name) ? before.Open(name) : null;
            using var right = now.Contains(name) ? after.Open(name) : null;
            var source = numbers[name];
            if (isBoth)
            {
                Align(Rows(left!, source, isAfter: false), Rows(right!, source, isAfter: true));
            }
            else
            {
                rows.AddRange(left is null ? [] : Rows(left, source, isAfter: false));
                rows.AddRange(right is null ? [] : Rows(right, source, isAfter: true));
            }
        }
    }

    private int Number(string name)
    {
        if (!numbers.TryGetValue(name, out var number))
        {
            number = numbers[name] = names.Count;
            names.Add(name);
        }

        return number;
    }

    private IEnumerable<PoolRow> Rows(IComparedRows source, int number, bool isAfter)
    {
        for (var ordinal = 0; source.Read(); ordinal++)
        {
            var fate = FateNumber(source);
            yield return new PoolRow(source.Key, number, KnowsDropped ? number : Number(fates[fate].Fate.Split), ordinal, source.Line, fate, source.Place, isAfter);
        }
    }

    /// <summary>There are few fates: a stage for each of its reasons, and the splits.</summary>
    private ushort FateNumber(IComparedRows row)
    {
        for (var i = 0; i < fates.Count; i++)
        {
            var known = fates[i].Bytes.AsSpan();
            if (known.Length == row.Fate.Length + row.Split.Length && known.StartsWith(row.Fate) && known[row.Fate.Length..].SequenceEqual(row.Split))
            {
                return (ushort)i;
            }
        }

        fates.Add(([.. row.Fate, .. row.Split], row.ParseFate()));
        return checked((ushort)(fates.Count - 1));
    }

    /// <summary>Passes over the records that both shards have with the same fate, in the same order, and keeps the others.</summary>
    private void Align(IEnumerable<PoolRow> left, IEnumerable<PoolRow> right)
    {
        using var old = new RowWindow(left);
        using var now = new RowWindow(right);
        while (old.Fill(1) > 0 && now.Fill(1) > 0)
        {
            if (old[0].Key == now[0].Key)
            {
                HasCommon = true;
                var isSame = old[0].Fate == now[0].Fate;
                old.Take(1, isSame ? null : rows);
                now.Take(1, isSame ? null : rows);
                continue;
            }

            var (fromOld, fromNow) = FindAgreement(old, now);
            old.Take(fromOld, rows);
            now.Take(fromNow, rows);
        }

        old.TakeAll(rows);
        now.TakeAll(rows);
    }

    /// <summary>How many rows of each side come before the nearest record that both have; all that are in sight where none is.</summary>
    private static (int FromOld, int FromNow) FindAgreement(RowWindow old, RowWindow now)
    {
        foreach (var horizon in Horizons)
        {
            var (oldCount, nowCount) = (old.Fill(horizon), now.Fill(horizon));
            var places = new Dictionary<RecordKey, int>();
            for (var i = oldCount - 1; i >= 0; i--)
            {
                places[old[i].Key] = i;
            }

            var nearest = (FromOld: -1, FromNow: 0);
            for (var i = 0; i < nowCount && (nearest.FromOld < 0 || i < nearest.FromOld + nearest.FromNow); i++)
            {
                if (places.TryGetValue(now[i].Key, out var place) && (nearest.FromOld < 0 || place + i < nearest.FromOld + nearest.FromNow))
                {
                    nearest = (place, i);
                }
            }

            if (nearest.FromOld >= 0)
            {
                return nearest;
            }
        }

        return (old.Count, now.Count);
    }

    private void MatchRows(bool isOneDataset)
    {
        rows.Sort();
        var gone = new List<PoolRow>();
        var come = new List<PoolRow>();
        for (int first = 0, last; first < rows.Count; first = last)
        {
            for (last = first; last < rows.Count && rows[last].Key == rows[first].Key; last++)
            {
            }

            MatchKey(first, last, gone, come);
        }

        if (KnowsDropped && (isOneDataset || HasCommon))
        {
            new EditPairing(changes, gone, come).Run();
        }
        else
        {
            // Where a record of a subset stood in its shard is not known, nor whether one that is missing there was in the pool.
            changes.AddRange(gone.Where(row => KnowsDropped || FateOf(row).IsKept).Select(row => new RowChange(ChangeKind.Removed, row, null)));
            changes.AddRange(come.Where(row => KnowsDropped || FateOf(row).IsKept).Select(row => new RowChange(ChangeKind.Added, null, row)));
        }

        changes.Sort((left, right) => left.Kind != right.Kind ? left.Kind.CompareTo(right.Kind) : Compare(left.After ?? left.Before!.Value, right.After ?? right.Before!.Value));

        static int Compare(PoolRow left, PoolRow right) =>
            left.Source != right.Source ? left.Source.CompareTo(right.Source) : left.Line != right.Line ? left.Line.CompareTo(right.Line) : left.CompareTo(right);
    }

    /// <summary>Pairs the records of one key: within their group in order, then across groups.</summary>
    private void MatchKey(int first, int last, List<PoolRow> gone, List<PoolRow> come)
    {
        var (old, now) = (new List<PoolRow>(), new List<PoolRow>());
        for (var at = first; at < last;)
        {
            var group = rows[at].Group;
            var middle = at;
            while (middle < last && rows[middle].Group == group && !rows[middle].IsAfter)
            {
                middle++;
            }

            var end = middle;
            while (end < last && rows[end].Group == group)
            {
                end++;
            }

            var pairs = Math.Min(middle - at, end - middle);
            HasCommon |= pairs > 0;
            for (var i = 0; i < pairs; i++)
            {
                Note(rows[at + i], rows[middle + i]);
            }

            old.AddRange(rows[(at + pairs)..middle]);
            now.AddRange(rows[(middle + pairs)..end]);
            at = end;
        }

        var moved = Math.Min(old.Count, now.Count);
        HasCommon |= moved > 0;
        for (var i = 0; i < moved; i++)
        {
            Note(old[i], now[i]);
        }

        gone.AddRange(old[moved..]);
        come.AddRange(now[moved..]);
    }

    private void Note(PoolRow old, PoolRow now)
    {
        var (was, isNow) = (FateOf(old), FateOf(now));
        ChangeKind? kind = was.IsKept && !isNow.IsKept ? ChangeKind.Displaced
            : !was.IsKept && isNow.IsKept ? ChangeKind.Rescued
            : old.Group != now.Group || (was.IsKept && was.Split != isNow.Split) ? ChangeKind.Moved
            : null;
        if (kind is { } found)
        {
            changes.Add(new RowChange(found, old, now));
        }
    }
}
