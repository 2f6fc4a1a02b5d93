using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace DatasetBuild.Caching;

/// <summary>
/// Deterministic results kept under the hash of all that determines them. Any of it may vanish at any time; nothing here ever fails a build.
/// Threads and processes may use one folder at the same time: equal hashes mean equal content, so the last writer wins harmlessly.
/// With <paramref name="isReadOnly"/> nothing in it changes, stamps included, and nothing is kept.
/// </summary>
public sealed class DerivedData(string cacheRoot, Action<Diagnostic> warn, TimeProvider? time = null, CacheUse? use = null, bool isReadOnly = false)
{
    internal const string FolderName = "derived";
    internal const string Extension = ".blk";
    private const int FolderDepth = 3;

    // More often than a cleaning spares what was used last.
    private static readonly TimeSpan StampEvery = TimeSpan.FromMinutes(30);
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, bool> behindLink = new(StringComparer.Ordinal);
    private int warnedOfWriting;

    /// <summary>Opens a kept result. False (a miss) when there is none, it is of another version, or it is damaged (with a warning).</summary>
    /// <param name="kind">What the result is: 1 to 64 lower-case letters, digits and <c>-</c>, a letter first.</param>
    /// <param name="version">The version of its layout and of the code that makes it.</param>
    /// <param name="inputHash">The hash of all its inputs, 8 to 64 bytes; a cryptographic one.</param>
    /// <param name="reader">To be disposed by the caller.</param>
    /// <param name="maxLength">A longer payload is a miss.</param>
    public bool TryOpen(string kind, int version, ReadOnlySpan<byte> inputHash, [NotNullWhen(true)] out BlockReader? reader, long maxLength = BlockFile.MaxLength)
    {
        var path = PathOf(kind, inputHash);
        reader = null;
        if (IsBehindLink(path) || !BlockFile.TryOpen(path, SubjectOf(kind, inputHash), version, out reader, warn, maxLength))
        {
            return false;
        }

        Used(path);
        return true;
    }

    /// <summary>Reads a kept result as a whole into pooled memory; a miss as for <see cref="TryOpen"/>.</summary>
    public bool TryRead(string kind, int version, ReadOnlySpan<byte> inputHash, [NotNullWhen(true)] out RentedBytes? payload, long maxLength = int.MaxValue)
    {
        var path = PathOf(kind, inputHash);
        payload = null;
        if (IsBehindLink(path) || !BlockFile.TryRead(path, SubjectOf(kind, inputHash), version, maxLength, out payload, warn))
        {
            return false;
        }

        Used(path);
        return true;
    }

    /// <summary>Keeps a result. False, with one warning for all, when it could not be written.</summary>
    public bool Write(string kind, int version, ReadOnlySpan<byte> inputHash, ReadOnlySpan<byte> payload)
    {
        var path = PathOf(kind, inputHash);
        if (isReadOnly)
        {
            return false;
        }

        try
        {
            CacheFiles.RefuseLink(Path.GetDirectoryName(path)!, FolderDepth);
            BlockFile.Write(path, SubjectOf(kind, inputHash), version, payload, CacheFiles.TemporariesIn(cacheRoot));
            use?.Add(cacheRoot, path);
            return true;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return CannotWrite(path, error);
        }
    }

    /// <summary>Keeps a result that is written piece by piece. File errors thrown by <paramref name="write"/> count as "could not be written" too.</summary>
    public bool Write(string kind, int version, ReadOnlySpan<byte> inputHash, Action<BlockWriter> write)
    {
        var path = PathOf(kind, inputHash);
        if (isReadOnly)
        {
            return false;
        }

        try
        {
            CacheFiles.RefuseLink(Path.GetDirectoryName(path)!, FolderDepth);
            using var writer = BlockFile.Create(path, SubjectOf(kind, inputHash), version, CacheFiles.TemporariesIn(cacheRoot));
            write(writer);
            writer.Commit();
            use?.Add(cacheRoot, path);
            return true;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return CannotWrite(path, error);
        }
    }

    // Asked once for each folder: a build opens the parts of thousands of files.
    private bool IsBehindLink(string path) => behindLink.GetOrAdd(Path.GetDirectoryName(path)!, folder => CacheFiles.IsBehindLink(folder, FolderDepth));

    private void Used(string path)
    {
        if (!isReadOnly)
        {
            CacheFiles.Touch(path, time, StampEvery);
        }

        use?.Add(cacheRoot, path);
    }

    // The hash is part of the file's kind, so that a file copied or moved under another name is a miss and no wrong result.
    private static string SubjectOf(string kind, ReadOnlySpan<byte> inputHash) => $"{kind}/{Convert.ToHexStringLower(inputHash)}";

    private string PathOf(string kind, ReadOnlySpan<byte> inputHash)
    {
        if (kind.Length is 0 or > 64 || !char.IsAsciiLetterLower(kind[0]) || !kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"'{kind}' is no kind of derived data: 1 to 64 of a-z, 0-9 and '-', a letter first.", nameof(kind));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(inputHash.Length, 8, nameof(inputHash));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputHash.Length, 64, nameof(inputHash));
        var hash = Convert.ToHexStringLower(inputHash);
        return Path.Combine(cacheRoot, FolderName, kind, hash[..2], hash + Extension);
    }

    private bool CannotWrite(string path, Exception error)
    {
        if (Interlocked.Exchange(ref warnedOfWriting, 1) == 0)
        {
            warn(new Diagnostic(
                Severity.Warning,
                CacheCodes.CannotWrite,
                $"The cache cannot be written ({error.Message}); the result is right, but the next build computes it again. Free the disk or set DatasetCachePath.",
                path));
        }

        return false;
    }
}
