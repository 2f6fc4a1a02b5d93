using System.Buffers.Binary;

namespace DatasetBuild.Caching;

/// <summary>
/// One payload in one file, cut into blocks of 64 KiB with a checksum each. A file is written beside its target and renamed, so it is there as a
/// whole or not at all; every byte is checked whenever it is read. A missing file, or one of another kind or version, is a plain miss; a damaged
/// one is a miss with warning <see cref="CacheCodes.DamagedFile"/>.
/// </summary>
public static class BlockFile
{
    /// <summary>Payload bytes in each block but the last.</summary>
    public const int BlockSize = 64 * 1024;

    /// <summary>The longest payload of any block file: keeps the table of checksums, which is read when a file is opened, at 32 MiB.</summary>
    public const long MaxLength = 256L << 30;

    /// <summary>Writes <paramref name="payload"/> and puts it in the place of any earlier file.</summary>
    /// <param name="path">The file; its folder is created (mode 0700) when missing.</param>
    /// <param name="kind">What the payload is; a reader must ask for the same.</param>
    /// <param name="version">The version of the payload's layout; a reader must ask for the same.</param>
    /// <param name="payload">At most <see cref="MaxLength"/> bytes.</param>
    /// <param name="temporaries">The folder, on the same disk, in which the file is written before it is put in its place; null: the file's own.</param>
    /// <exception cref="IOException">It could not be written; the earlier file, if any, is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void Write(string path, string kind, int version, ReadOnlySpan<byte> payload, string? temporaries = null)
    {
        using var writer = Create(path, kind, version, temporaries);
        writer.Write(payload);
        writer.Commit();
    }

    /// <summary>Starts a file whose payload is written piece by piece; nothing is seen of it before <see cref="BlockWriter.Commit"/>.</summary>
    public static BlockWriter Create(string path, string kind, int version, string? temporaries = null) => new(path, kind, version, temporaries);

    /// <summary>Opens a file for reading ranges of it. False (a miss) when it is missing, of another kind or version, longer than <paramref name="maxLength"/>, or damaged.</summary>
    public static bool TryOpen(
        string path,
        string kind,
        int version,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out BlockReader? reader,
        Action<Diagnostic>? warn = null,
        long maxLength = MaxLength)
    {
        reader = null;
        try
        {
            var handle = CacheFiles.OpenRead(path);
            if (handle is null)
            {
                return false;
            }

            try
            {
                reader = Open(path, handle, BlockHeader.KindOf(kind), version, Math.Min(maxLength, MaxLength), warn);
                return reader is not null;
            }
            finally
            {
                if (reader is null)
                {
                    handle.Dispose();
                }
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            warn?.Invoke(new Diagnostic(Severity.Warning, CacheCodes.UnreadableFile, $"A cached file cannot be read and is left out: {error.Message}", path));
            return false;
        }
    }

    /// <summary>Reads a whole payload into pooled memory. False (a miss) as for <see cref="TryOpen"/>, or when any block is damaged.</summary>
    public static bool TryRead(
        string path,
        string kind,
        int version,
        long maxLength,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RentedBytes? payload,
        Action<Diagnostic>? warn = null)
    {
        payload = null;
        if (!TryOpen(path, kind, version, out var reader, warn, Math.Min(maxLength, Array.MaxLength)))
        {
            return false;
        }

        using (reader)
        {
            var bytes = new RentedBytes((int)reader.Length);
            if (reader.TryRead(0, bytes.Span))
            {
                payload = bytes;
                return true;
            }

            bytes.Dispose();
            return false;
        }
    }

    /// <summary>
    /// Reads a whole payload into the caller's memory; <paramref name="length"/> is how much of it is filled. False (a miss) as for <see cref="TryOpen"/>,
    /// when the payload does not fit, or when any block is damaged: then the content of <paramref name="destination"/> is undefined.
    /// </summary>
    public static bool TryRead(string path, string kind, int version, Span<byte> destination, out int length, Action<Diagnostic>? warn = null)
    {
        length = 0;
        if (!TryOpen(path, kind, version, out var reader, warn, destination.Length))
        {
            return false;
        }

        using (reader)
        {
            length = (int)reader.Length;
            return reader.TryRead(0, destination[..length]);
        }
    }

    /// <summary>Reads all of a file, whatever its kind and version, and checks every block.</summary>
    internal static FileVerdict Check(string path)
    {
        var handle = CacheFiles.OpenRead(path);
        if (handle is null)
        {
            return FileVerdict.Gone;
        }

        using (handle)
        {
            Span<byte> head = stackalloc byte[BlockHeader.Size];
            if (!CacheFiles.TryReadExactly(handle, head, 0) || !BlockHeader.TryRead(head, out var header, out var known))
            {
                return FileVerdict.Damaged;
            }

            if (!known)
            {
                return FileVerdict.Foreign;
            }

            using var reader = Open(path, handle, header.Kind, header.Version, MaxLength, null);
            using var buffer = new RentedBytes(BlockSize);
            for (long at = 0; reader is not null && at < reader.Length; at += BlockSize)
            {
                if (!reader.TryRead(at, buffer.Span[..(int)Math.Min(BlockSize, reader.Length - at)]))
                {
                    return FileVerdict.Damaged;
                }
            }

            return reader is null ? FileVerdict.Damaged : FileVerdict.Good;
        }
    }

    private static BlockReader? Open(string path, Microsoft.Win32.SafeHandles.SafeFileHandle handle, ulong kind, int version, long maxLength, Action<Diagnostic>? warn)
    {
        Span<byte> head = stackalloc byte[BlockHeader.Size];
        if (!CacheFiles.TryReadExactly(handle, head, 0) || !BlockHeader.TryRead(head, out var header, out var known))
        {
            warn?.Invoke(Damaged(path));
            return null;
        }

        if (!known || header.Kind != kind || header.Version != version)
        {
            return null;
        }

        // The length must agree with the file's own before anything is allocated by it.
        var blocks = BlocksOf(header.Length);
        if (header.Length is < 0 or > MaxLength || RandomAccess.GetLength(handle) != BlockHeader.Size + header.Length + (8 * blocks))
        {
            warn?.Invoke(Damaged(path));
            return null;
        }

        if (header.Length > maxLength)
        {
            return null;
        }

        var table = new byte[8 * blocks];
        if (!CacheFiles.TryReadExactly(handle, table, BlockHeader.Size + header.Length) || XxHash64.Hash(table) != header.TableHash)
        {
            warn?.Invoke(Damaged(path));
            return null;
        }

        var hashes = new ulong[blocks];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(8 * i));
        }

        return new BlockReader(path, handle, header.Length, hashes, warn);
    }

    internal static long BlocksOf(long length) => (Math.Max(0, length) / BlockSize) + (length % BlockSize > 0 ? 1 : 0);

    internal static Diagnostic Damaged(string path) =>
        new(Severity.Warning, CacheCodes.DamagedFile, "A cached file is damaged; what it held is computed again. If this recurs, check the disk.", path);
}
