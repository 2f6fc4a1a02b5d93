using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>What became of a record from one build to another.</summary>
public enum ChangeKind
{
    /// <summary>Its key is new in the pool.</summary>
    Added,

    /// <summary>Its key is gone from the pool.</summary>
    Removed,

    /// <summary>Another record stands in its place.</summary>
    Edited,

    /// <summary>It was dropped, and is kept now.</summary>
    Rescued,

    /// <summary>It was kept, and is dropped now.</summary>
    Displaced,

    /// <summary>It stands in another shard, or in another split.</summary>
    Moved,
}

/// <summary>What a build has made of a record: kept in a split, or dropped by a stage for a reason.</summary>
public sealed record RecordFate(bool IsKept, string Split, string DroppedBy, string Reason)
{
    public override string ToString() => IsKept ? "kept" : $"dropped by {DroppedBy}: {Reason}";
}

/// <summary>A record in one of two builds.</summary>
/// <param name="Shard">The shard's name, or the path of the output file where only the subset is known.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Key">Its key.</param>
/// <param name="Fate">What became of it.</param>
public sealed record ComparedRecord(string Shard, int Line, RecordKey Key, RecordFate Fate)
{
    public string Place => $"{Shard}:{Line}";

    /// <summary>Where the record stands that survives in its place, or empty.</summary>
    public string Twin { get; init; } = "";

    /// <summary>What the columns behind the usual ones hold, by their names; not the empty ones.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
}

/// <summary>Why a record's fate is another one.</summary>
/// <param name="Kind">
/// A word for programs: <c>source</c> (its shards), <c>stage</c> (a stage came, went, or has other parameters), <c>scores</c> (a stage scores otherwise),
/// <c>evaluation</c>, <c>base</c>, <c>value</c> (its field outside the conversation), <c>twin</c>, <c>rank</c> (who else enters a stage), <c>split</c>, or <c>unknown</c>.
/// </param>
/// <param name="Text">The cause in words that it has in common with other records.</param>
/// <param name="Detail">What is special about this record: its score against the limit, its twin; or empty.</param>
public sealed record ChangeCause(string Kind, string Text, string Detail = "");

/// <summary>A difference between two builds. Either side is null where the record is not there.</summary>
public sealed record RecordChange(ChangeKind Kind, ComparedRecord? Before, ComparedRecord? After, ChangeCause Cause)
{
    public bool EntersSubset => After?.Fate.IsKept == true && Before?.Fate.IsKept != true;

    public bool LeavesSubset => Before?.Fate.IsKept == true && After?.Fate.IsKept != true;
}
