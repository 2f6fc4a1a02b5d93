using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>Two byte strings as one, in room that the caller has on the stack if they fit.</summary>
internal readonly ref struct JoinedBytes : IDisposable
{
    /// <summary>Room for most words.</summary>
    public const int Room = 256;

    private readonly byte[]? _rented;

    public JoinedBytes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> room)
    {
        var length = first.Length + second.Length;
        _rented = length <= room.Length ? null : ArrayPool<byte>.Shared.Rent(length);
        room = _rented ?? room;
        first.CopyTo(room);
        second.CopyTo(room[first.Length..]);
        Bytes = room[..length];
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
