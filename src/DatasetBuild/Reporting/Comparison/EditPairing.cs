namespace DatasetBuild.Reporting;

/// <summary>
/// Tells edited records from those that were removed and added: between the same two neighbours of a shard, the first that is gone and the first that is new are
/// one that was edited, and so on.
/// </summary>
internal sealed class EditPairing(List<RowChange> changes, List<PoolRow> gone, List<PoolRow> come)
{
    public void Run()
    {
        var oldPlaces = NeighboursOf(isAfter: false);
        var newPlaces = NeighboursOf(isAfter: true);
        var edited = new Dictionary<(int Group, int Neighbours), Queue<PoolRow>>();
        foreach (var row in gone.OrderBy(row => row.Ordinal))
        {
            var place = (row.Group, oldPlaces(row));
            if (!edited.TryGetValue(place, out var waiting))
            {
                edited[place] = waiting = new Queue<PoolRow>();
            }

            waiting.Enqueue(row);
        }

        foreach (var row in come.OrderBy(row => row.Ordinal))
        {
            changes.Add(edited.TryGetValue((row.Group, newPlaces(row)), out var waiting) && waiting.TryDequeue(out var old)
                ? new RowChange(ChangeKind.Edited, old, row)
                : new RowChange(ChangeKind.Added, null, row));
        }

        changes.AddRange(edited.Values.SelectMany(waiting => waiting).Select(row => new RowChange(ChangeKind.Removed, row, null)));
    }

    /// <summary>How many records that both builds have in the same group stand before a row: what is the same on both sides for rows in one place.</summary>
    private Func<PoolRow, int> NeighboursOf(bool isAfter)
    {
        var others = new Dictionary<int, List<int>>();
        foreach (var row in isAfter ? come : gone)
        {
            Add(row);
        }

        foreach (var change in changes)
        {
            if (change is { Before: { } old, After: { } now } && old.Group != now.Group)
            {
                Add(isAfter ? now : old);
            }
        }

        foreach (var ordinals in others.Values)
        {
            ordinals.Sort();
        }

        return row => row.Ordinal - others[row.Group].BinarySearch(row.Ordinal);

        void Add(PoolRow row)
        {
            if (!others.TryGetValue(row.Group, out var ordinals))
            {
                others[row.Group] = ordinals = [];
            }

            ordinals.Add(row.Ordinal);
        }
    }
}
