using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>What of a record's shape decides how it can be written.</summary>
[Flags]
public enum RecordTraits : byte
{
    None = 0,

    /// <summary>Exactly one user turn and one assistant turn of plain text: expressible as two strings.</summary>
    PlainExchange = 1,
    HasTools = 2,
    HasAssistantTurn = 4,
    RawText = 8,

    /// <summary>One of several instances of one line.</summary>
    SharesLine = 16,

    /// <summary>The last turn is the assistant's.</summary>
    EndsWithAssistant = 32,

    /// <summary>Some turn has a name, reasoning, tool calls or a weight of its own.</summary>
    Extended = 64,
}

/// <summary>What a record's own bytes are, whatever stands around them.</summary>
/// <param name="Hashes">XXH64 of each record's own JSON: changes with a field outside the conversation, when the key does not.</param>
/// <param name="Lengths">Of that JSON, in bytes.</param>
/// <param name="Instances">The number of a record among the instances of its line, from 0.</param>
/// <param name="Traits">What decides how it can be written.</param>
/// <param name="Dialects">How it was read.</param>
public sealed record RecordContents(ulong[] Hashes, int[] Lengths, ushort[] Instances, RecordTraits[] Traits, Dialect[] Dialects)
{
    internal const int BytesPerRecord = 8 + 4 + 2 + 1 + 1;

    internal static RecordContents Of(int count) => new(new ulong[count], new int[count], new ushort[count], new RecordTraits[count], new Dialect[count]);
}

/// <summary>Where each record stands: the first byte of its JSON in the (unpacked) shard, and the line, from 1.</summary>
public sealed record RecordPlaces(long[] Offsets, int[] Lines)
{
    internal const int BytesPerRecord = 8 + 4;
}
