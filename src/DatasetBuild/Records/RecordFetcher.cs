using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Records;

/// <summary>
/// Fetches records of one shard again by their places, in ascending order: neighbours in one read, far ones without what lies between (a packed
/// shard is unpacked from the front, once).
/// </summary>
public sealed class RecordFetcher : IDisposable
{
    private const int MaxReadAhead = 1 << 19;
    private const int MinReadAhead = 1 << 14;

    /// <summary>A record that begins so shortly behind the last read makes the next one read ahead.</summary>
    private const int Near = 1 << 11;

    private readonly SafeFileHandle? file;
    private readonly ShardStream? packed;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
    private long bufferOffset;
    private int buffered;
    private int readAhead;
    private long shardLength;

    public RecordFetcher(string path, bool isGzip)
    {
        if (isGzip)
        {
            packed = new ShardStream(path, digest: false);
            bufferOffset = packed.ByteOrderMark;
            shardLength = long.MaxValue;
        }
        else
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            shardLength = RandomAccess.GetLength(file);
        }
    }

    /// <summary>The bytes at a place; valid until the next call.</summary>
    /// <exception cref="EndOfStreamException">The shard is shorter than it was, or the place is none that a shard has.</exception>
    public ReadOnlySpan<byte> Fetch(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > shardLength - length || (packed is not null && offset < bufferOffset))
        {
            throw new EndOfStreamException();
        }

        if (offset < bufferOffset || offset + length > bufferOffset + buffered)
        {
            if (packed is null)
            {
                ReadAt(offset, length);
            }
            else
            {
                Unpack(offset, length);
            }
        }

        return buffer.AsSpan((int)(offset - bufferOffset), length);
    }

    public void Dispose()
    {
        file?.Dispose();
        packed?.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        buffered = 0;
        shardLength = 0;
    }

    private void ReadAt(long offset, int length)
    {
        // Of a shard of which most is wanted long stretches are read; of one of which little is, those records alone.
        var isNear = offset - (bufferOffset + buffered) <= Near;
        readAhead = isNear ? Math.Clamp(2 * readAhead, MinReadAhead, MaxReadAhead) : 0;
        Grow(length);
        bufferOffset = offset;
        buffered = 0;
        var wanted = (int)Math.Min(Math.Max(length, Math.Min(readAhead, buffer.Length)), shardLength - offset);
        while (buffered < wanted)
        {
            var some = RandomAccess.Read(file!, buffer.AsSpan(buffered, wanted - buffered), offset + buffered);
            if (some == 0)
            {
                throw new EndOfStreamException();
            }

            buffered += some;
        }
    }

    private void Unpack(long offset, int length)
    {
        // Keep what of the record is there already, and let go of all before it.
        var have = (int)Math.Clamp(bufferOffset + buffered - offset, 0, buffered);
        buffer.AsSpan(buffered - have, have).CopyTo(buffer);
        bufferOffset += buffered - have;
        buffered = have;
        while (bufferOffset + buffered < offset + length)
        {
            if (bufferOffset < offset)
            {
                var passed = (int)Math.Min(buffered, offset - bufferOffset);
                buffer.AsSpan(passed, buffered - passed).CopyTo(buffer);
                bufferOffset += passed;
                buffered -= passed;
            }

            Grow(Math.Min(length, buffered + 1));
            var some = packed!.Read(buffer.AsSpan(buffered));
            if (some == 0)
            {
                throw new EndOfStreamException();
            }

            buffered += some;
        }
    }

    private void Grow(int length)
    {
        if (buffer.Length >= length && buffered < buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(length, Math.Min(Array.MaxLength, buffer.Length * 2L)));
        buffer.AsSpan(0, buffered).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
