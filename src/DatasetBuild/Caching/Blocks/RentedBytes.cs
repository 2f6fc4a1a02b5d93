using System.Buffers;

namespace DatasetBuild.Caching;

/// <summary>Pooled memory of an exact length; dispose it to give it back. Its content is undefined until written.</summary>
public sealed class RentedBytes(int length) : IMemoryOwner<byte>
{
    private byte[]? array = ArrayPool<byte>.Shared.Rent(length);

    public int Length { get; } = length;

    public Memory<byte> Memory => (array ?? throw new ObjectDisposedException(nameof(RentedBytes))).AsMemory(0, Length);

    public Span<byte> Span => Memory.Span;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref array, null) is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
