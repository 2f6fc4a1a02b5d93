using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>The records of one shard or of one output file, in order, with what became of them.</summary>
internal interface IComparedRows : IDisposable
{
    int Line { get; }

    RecordKey Key { get; }

    /// <summary>Where the row stands, for looking it up again.</summary>
    long Place { get; }

    /// <summary>Bytes that are equal for equal fates, but for the split.</summary>
    ReadOnlySpan<byte> Fate { get; }

    ReadOnlySpan<byte> Split { get; }

    /// <summary>Moves to the next record; false at the end.</summary>
    bool Read();

    RecordFate ParseFate();
}
