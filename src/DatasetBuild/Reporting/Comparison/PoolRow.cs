using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>A record that may differ between two builds: 56 bytes.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Source">The number of its shard (or output file).</param>
/// <param name="Group">The number of what it does not leave without being moved: its shard, or its split where subsets are compared.</param>
/// <param name="Ordinal">Its place among the records of the group, from 0.</param>
/// <param name="Line">The line it starts on.</param>
/// <param name="Fate">The number of its fate.</param>
/// <param name="Place">Where its row stands.</param>
/// <param name="IsAfter">Whether it belongs to the later build.</param>
internal readonly record struct PoolRow(RecordKey Key, int Source, int Group, int Ordinal, int Line, ushort Fate, long Place, bool IsAfter) : IComparable<PoolRow>
{
    /// <summary>Equal keys side by side, then by group, the earlier build first, then in order.</summary>
    public int CompareTo(PoolRow other)
    {
        var byKey = Key.CompareTo(other.Key);
        if (byKey != 0)
        {
            return byKey;
        }

        var byGroup = Group.CompareTo(other.Group);
        return byGroup != 0 ? byGroup : IsAfter != other.IsAfter ? IsAfter.CompareTo(other.IsAfter) : Ordinal.CompareTo(other.Ordinal);
    }
}

/// <summary>What differs for one record; a side is null where the record is not there.</summary>
internal readonly record struct RowChange(ChangeKind Kind, PoolRow? Before, PoolRow? After);
