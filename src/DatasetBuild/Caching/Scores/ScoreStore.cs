using System.Text;

namespace DatasetBuild.Caching;

/// <summary>
/// All scores under one cache folder: (scorer identity, record key) to a value of fixed width, or to a permanent reason for having none.
/// Any number of processes may use one folder at the same time, and any file in it may vanish or be damaged at any moment: the price is a score.
/// With <paramref name="isReadOnly"/> nothing in it changes, stamps included, and its tables take no scores.
/// </summary>
public sealed class ScoreStore(string cacheRoot, Action<Diagnostic> warn, TimeProvider? time = null, CacheUse? use = null, bool isReadOnly = false)
{
    internal const string FolderName = "scores";
    internal const string IdentityFile = "identity.txt";
    internal const int FolderDepth = 2;
    private const string GenerationFile = "generation.txt";
    internal const string ForgottenSuffix = ".forgotten";
    private static readonly TimeSpan StampEvery = TimeSpan.FromMinutes(30);
    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>Opens the scores of one scorer, taking over what dead processes left. Never fails because of what lies in the cache or because the cache cannot be written.</summary>
    /// <param name="identity">The scorer's identity.</param>
    /// <param name="width">Bytes of a value, 1 to 256.</param>
    public ScoreTable Open(ScorerIdentity identity, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 256);
        var folder = FolderOf(identity);
        if (!isReadOnly)
        {
            Stamp(folder, identity, time);
        }

        return new ScoreTable(folder, identity, width, warn, time, isReadOnly);
    }

    /// <summary>Takes over what dead processes left of a scorer whose stored values a build does not have to open.</summary>
    /// <inheritdoc cref="Open" path="/param"/>
    public void TakeOver(ScorerIdentity identity, int width)
    {
        if (!isReadOnly && SegmentFolder.FilesIn(FolderOf(identity), ScoreLog.Prefix + "*" + ScoreLog.Suffix).Length > 0)
        {
            Open(identity, width).Dispose();
        }
    }

    /// <summary>
    /// Stands for all that was stored of a scorer since values were dropped last, and is part of the name of every copy of them: who drops
    /// values, or the whole folder, makes the copies unreachable too. Null before anything is stored.
    /// </summary>
    public Guid? GenerationOf(ScorerIdentity identity) => ReadGeneration(FolderOf(identity));

    /// <summary>Says that a build needs a scorer's stored values, whether or not it has to open them.</summary>
    public void Need(ScorerIdentity identity)
    {
        var folder = FolderOf(identity);
        use?.Add(cacheRoot, folder);
        if (!isReadOnly && !CacheFiles.IsBehindLink(folder, FolderDepth))
        {
            CacheFiles.Touch(Path.Combine(folder, IdentityFile), time, StampEvery);
        }
    }

    /// <summary>Drops all stored scores of one scorer; false when there were none.</summary>
    internal static bool Forget(string folder)
    {
        if (!Directory.Exists(folder) || CacheFiles.IsBehindLink(folder, FolderDepth))
        {
            return false;
        }

        // Renamed first: a kill halfway must not leave some of the old scores.
        var doomed = $"{folder}.{CacheFiles.RandomName()[..12]}{ForgottenSuffix}";
        try
        {
            Directory.Move(folder, doomed);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            throw new DatasetException(CacheCodes.CannotForget, $"The stored scores cannot be dropped: {error.Message}", folder, inner: error);
        }

        try
        {
            Directory.Delete(doomed, recursive: true);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // Out of the way is enough; the size limit removes the rest.
        }

        return true;
    }

    /// <summary>Says whose folder this is, and that it is in use.</summary>
    internal static void Stamp(string folder, ScorerIdentity identity, TimeProvider time)
    {
        var path = Path.Combine(folder, IdentityFile);
        try
        {
            var text = Encoding.UTF8.GetBytes(identity.Text);
            CacheFiles.RefuseLink(folder, FolderDepth);
            if (!FileStamp.TryOfUnlinked(path, out var stamp) || stamp.Size != text.Length || !File.ReadAllBytes(path).AsSpan().SequenceEqual(text))
            {
                using var file = new TemporaryFile(path, TemporariesOf(folder));
                RandomAccess.Write(file.Handle, text, 0);
                file.Publish(flushToDisk: false, time.GetUtcNow().UtcDateTime);
            }

            CacheFiles.Touch(path, time, StampEvery);
            if (ReadGeneration(folder) is null)
            {
                RenewGeneration(folder);
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // Not said here: the first append that cannot be kept says it.
        }
    }

    /// <summary>Where the temporaries of an identity's folder are.</summary>
    internal static string TemporariesOf(string folder) => CacheFiles.TemporariesIn(Path.GetDirectoryName(Path.GetDirectoryName(folder)!)!);

    internal static void RenewGeneration(string folder)
    {
        using var file = new TemporaryFile(Path.Combine(folder, GenerationFile), TemporariesOf(folder));
        RandomAccess.Write(file.Handle, Encoding.ASCII.GetBytes(CacheFiles.RandomName()), 0);
        file.Publish(flushToDisk: true);
    }

    private static Guid? ReadGeneration(string folder)
    {
        try
        {
            using var handle = CacheFiles.OpenRead(Path.Combine(folder, GenerationFile));
            Span<byte> text = stackalloc byte[32];
            return handle is not null && CacheFiles.TryReadExactly(handle, text, 0) && Guid.TryParseExact(Encoding.ASCII.GetString(text), "N", out var generation) ? generation : null;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return null;
        }
    }

    private string FolderOf(ScorerIdentity identity) => Path.Combine(cacheRoot, FolderName, identity.Folder);
}
