using System.Buffers;
using System.Buffers.Binary;

namespace DatasetBuild.Records;

/// <summary>Who speaks in a turn.</summary>
public enum Role : byte
{
    System = 0,
    Developer = 1,
    User = 2,
    Assistant = 3,
    Tool = 4,

    /// <summary>Raw text: a document, not a conversation. It has neither prompt nor response.</summary>
    Text = 5,
}

/// <summary>What a part of a turn is. Parts stay apart: an instruction and its input are two parts of one user turn.</summary>
public enum PartKind : byte
{
    Text = 0,
    Input = 1,
    Reasoning = 2,
    ToolCall = 3,
}

/// <summary>
/// Writes the canonical conversation: a self-describing, length-prefixed byte form of all that a model could see, and nothing else.
/// Its SHA-256 is the <see cref="RecordKey"/>, and it is the only thing that a scorer is given (as <see cref="Conversation"/>).
/// Layout, integers little-endian: version u8 (1); tools (length u32, bytes; minified JSON, empty for none); number of turns u32; then
/// for each turn: role u8, name (length u32, bytes), tool call id (length u32, bytes), 1 u8 and loss weight f64 where the weight is
/// not its role's default, else 0 u8; number of parts u32; for each part: kind u8, length u32, bytes (UTF-8).
/// Pooled: <see cref="Clear"/> and write the next record.
/// </summary>
public sealed class CanonicalWriter : IDisposable
{
    private const byte Version = 1;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 14);
    private int length;
    private int turnCountAt = -1;
    private int partCountAt = -1;

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public void Clear()
    {
        length = 0;
        turnCountAt = partCountAt = -1;
    }

    /// <summary>Starts a conversation. <paramref name="tools"/> is minified JSON or empty.</summary>
    public void Begin(ReadOnlySpan<byte> tools)
    {
        Clear();
        Reserve(1)[0] = Version;
        WriteText(tools);
        turnCountAt = length;
        Reserve(4).Clear();
    }

    /// <summary>Starts a turn. A weight that equals the role's default (1 for the assistant, 0 for all others) leaves no trace.</summary>
    public void BeginTurn(Role role, ReadOnlySpan<byte> name = default, ReadOnlySpan<byte> toolCallId = default, double? lossWeight = null)
    {
        Increment(turnCountAt);
        Reserve(1)[0] = (byte)role;
        WriteText(name);
        WriteText(toolCallId);
        if (lossWeight is { } weight && weight != DefaultLossWeight(role))
        {
            Reserve(1)[0] = 1;
            BinaryPrimitives.WriteDoubleLittleEndian(Reserve(8), weight);
        }
        else
        {
            Reserve(1)[0] = 0;
        }

        partCountAt = length;
        Reserve(4).Clear();
    }

    /// <summary>Adds a part to the current turn.</summary>
    public void Part(PartKind kind, ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(BeginPart(kind, utf8.Length));
        EndPart(utf8.Length);
    }

    /// <summary>Starts a part whose text the caller writes in place; at most <paramref name="capacity"/> bytes.</summary>
    public Span<byte> BeginPart(PartKind kind, int capacity)
    {
        Increment(partCountAt);
        Reserve(1)[0] = (byte)kind;
        Reserve(4);
        Ensure(capacity);
        return buffer.AsSpan(length, capacity);
    }

    /// <summary>Ends the part that <see cref="BeginPart"/> started, with the number of bytes that were written.</summary>
    public void EndPart(int written)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(length - 4), written);
        length += written;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    internal static double DefaultLossWeight(Role role) => role is Role.Assistant or Role.Text ? 1 : 0;

    private void WriteText(ReadOnlySpan<byte> utf8)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), utf8.Length);
        utf8.CopyTo(Reserve(utf8.Length));
    }

    private void Increment(int at)
    {
        var count = buffer.AsSpan(at, 4);
        BinaryPrimitives.WriteInt32LittleEndian(count, BinaryPrimitives.ReadInt32LittleEndian(count) + 1);
    }

    private Span<byte> Reserve(int size)
    {
        Ensure(size);
        var span = buffer.AsSpan(length, size);
        length += size;
        return span;
    }

    private void Ensure(int size)
    {
        if (buffer.Length - length >= size)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(checked((int)Math.Max((long)buffer.Length * 2, (long)length + size)));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
