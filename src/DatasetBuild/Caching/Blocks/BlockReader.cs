using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>An open block file. Threads may read from it at the same time.</summary>
public sealed class BlockReader : IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle handle;
    private readonly ulong[] hashes;
    private readonly Action<Diagnostic>? warn;
    private int warned;

    internal BlockReader(string path, SafeFileHandle handle, long length, ulong[] hashes, Action<Diagnostic>? warn)
    {
        this.path = path;
        this.handle = handle;
        this.hashes = hashes;
        this.warn = warn;
        Length = length;
    }

    /// <summary>Bytes of payload.</summary>
    public long Length { get; }

    /// <summary>
    /// Fills <paramref name="destination"/> with the payload from <paramref name="offset"/> on, checking every block that it touches. False when the range
    /// leaves the payload, or a block is damaged or unreadable (one warning a reader): then the content of <paramref name="destination"/> is undefined.
    /// </summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length || destination.Length > Length - offset)
        {
            return false;
        }

        byte[]? scratch = null;
        try
        {
            while (!destination.IsEmpty)
            {
                var block = (int)(offset / BlockFile.BlockSize);
                var start = (long)block * BlockFile.BlockSize;
                var size = (int)Math.Min(BlockFile.BlockSize, Length - start);
                var skip = (int)(offset - start);
                var take = Math.Min(size - skip, destination.Length);

                // A block that is wanted as a whole is checked where the caller wants it; only the ends of a range are copied.
                var target = take == size ? destination[..size] : (scratch ??= ArrayPool<byte>.Shared.Rent(BlockFile.BlockSize)).AsSpan(0, size);
                if (!CacheFiles.TryReadExactly(handle, target, BlockHeader.Size + start) || XxHash64.Hash(target) != hashes[block])
                {
                    return Fail(BlockFile.Damaged(path));
                }

                if (take != size)
                {
                    target.Slice(skip, take).CopyTo(destination);
                }

                destination = destination[take..];
                offset += take;
            }

            return true;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return Fail(new Diagnostic(Severity.Warning, CacheCodes.UnreadableFile, $"A cached file cannot be read and is left out: {error.Message}", path));
        }
        finally
        {
            if (scratch is not null)
            {
                ArrayPool<byte>.Shared.Return(scratch);
            }
        }
    }

    public void Dispose() => handle.Dispose();

    private bool Fail(Diagnostic diagnostic)
    {
        if (Interlocked.Exchange(ref warned, 1) == 0)
        {
            warn?.Invoke(diagnostic);
        }

        return false;
    }
}
