using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// The scores of one scorer: record key to a value of <see cref="Width"/> bytes, or to a permanent reason for having none. A state byte says which:
/// 0 not in the store, 1 a value, 2 to 255 a permanent reason (the caller's numbers). All members may be called by several threads.
/// <para>
/// A key that is found with two different values, wherever they lie, is in no state that can be believed: it reads as 0 (with warning
/// <see cref="CacheCodes.ConflictingScores"/>) until it is appended again by a table that has reported it; then only that new value remains.
/// </para>
/// </summary>
public sealed partial class ScoreTable : IDisposable
{
    /// <summary>When this process's log has grown to this many bytes it is sealed without being asked.</summary>
    internal const long SealAtBytes = 64L << 20;

    /// <summary>More segments than this are merged: a look-up opens each of them, a merge writes many scores again that one clean build has just written.</summary>
    internal const int MaxSegments = 16;

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly byte[] identity;
    private readonly Action<Diagnostic> warn;
    private readonly TimeProvider time;
    private readonly bool isReadOnly;
    private readonly HashSet<string> warned = [];
    private readonly SegmentFolder segments;

    // What this process appended since it last sealed; 'answers' holds new values for keys that were reported as conflicting.
    private readonly EntryBuffer pending;
    private readonly ConflictAnswers answers;
    private HashSet<RecordKey>? conflicting; // made when there is a conflict, as the answers are
    private ScoreLog? log;
    private long sealAt = SealAtBytes;
    private bool disposed;

    internal ScoreTable(string folder, ScorerIdentity identity, int width, Action<Diagnostic> warn, TimeProvider time, bool isReadOnly = false)
    {
        this.folder = folder;
        this.identity = identity.Digest.ToArray();
        this.warn = warn;
        this.time = time;
        this.isReadOnly = isReadOnly;
        Width = width;
        pending = new EntryBuffer(width);
        answers = new ConflictAnswers(width);
        segments = new SegmentFolder(folder, this.identity, width, (subject, diagnostic) => WarnOnce(subject, diagnostic));
        segments.Refresh();
        if (isReadOnly)
        {
            ReadLogs();
        }
        else
        {
            AdoptDeadLogs();
            Maintain();
        }
    }

    /// <summary>Bytes of a value.</summary>
    public int Width { get; }

    /// <summary>Sealed segments that count at present.</summary>
    public int SegmentCount
    {
        get
        {
            lock (gate)
            {
                return segments.Live.Count;
            }
        }
    }

    /// <summary>Looks keys up, by one walk over the wanted and the stored keys; blocks that hold no wanted key are not read.</summary>
    /// <param name="sortedKeys">n keys, ascending, each once.</param>
    /// <param name="values">n x <see cref="Width"/> bytes; zero where the state is not 1.</param>
    /// <param name="states">n bytes.</param>
    /// <exception cref="ArgumentException">The keys do not ascend, or a span has the wrong length.</exception>
    public void Lookup(ReadOnlySpan<RecordKey> sortedKeys, Span<byte> values, Span<byte> states)
    {
        CheckLengths(sortedKeys.Length, values.Length, states.Length);
        if (!EntryBlock.IsAscending(sortedKeys))
        {
            throw new ArgumentException("Keys must ascend, each given once.", nameof(sortedKeys));
        }

        values.Clear();
        states.Clear();
        var conflicts = new List<int>();
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            foreach (var segment in segments.Live)
            {
                Lookup(segment, sortedKeys, values, states, conflicts);
            }

            EntryJoin.Copy(pending.Sort(), sortedKeys, values, states, Width, 0, conflicts);
            Discard(sortedKeys, values, states, conflicts);
            answers.CopyTo(sortedKeys, values, states);
        }
    }

    /// <summary>
    /// Adds entries. When this returns they survive the death of this process; they are seen by <see cref="Lookup(ReadOnlySpan{RecordKey}, Span{byte}, Span{byte})"/> at once, and by other processes after
    /// <see cref="Seal"/> or this process's end. If the cache cannot be written, they are kept in memory and one warning is given.
    /// </summary>
    /// <param name="keys">n keys in any order; one may repeat.</param>
    /// <param name="values">n x <see cref="Width"/> bytes; ignored where the state is not 1.</param>
    /// <param name="states">n bytes, each 1 to 255.</param>
    /// <exception cref="ArgumentException">A state is 0, or a span has the wrong length.</exception>
    public void Append(ReadOnlySpan<RecordKey> keys, ReadOnlySpan<byte> values, ReadOnlySpan<byte> states)
    {
        CheckLengths(keys.Length, values.Length, states.Length);
        if (states.Contains((byte)0))
        {
            throw new ArgumentException("A state is 1 (a value) or 2 to 255 (a permanent reason); 0 means 'not in the store'.", nameof(states));
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            RefuseWhenReadOnly();
            var most = ScoreLog.MaxFrameBytes / EntryBlock.EntrySize(Width);
            for (var start = 0; start < keys.Length; start += most)
            {
                var count = Math.Min(most, keys.Length - start);
                AppendFrame(new EntryBlock(keys.Slice(start, count), states.Slice(start, count), values.Slice(start * Width, count * Width)));
            }

            if (pending.Bytes >= sealAt || log?.Length >= sealAt)
            {
                SealPending();
            }
        }
    }

    /// <summary>Sorts what this process appended into a sealed segment, and merges segments when there are too many or damaged ones. For the end of a stage.</summary>
    public void Seal()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            RefuseWhenReadOnly();
            SealPending();
            segments.Refresh();
            Maintain();
        }
    }

    /// <summary>Seals what was appended and lets go of all files.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            SealPending();
            disposed = true;
            log?.Dispose();
            segments.Dispose();
        }
    }

    /// <summary>Lets go of all files as a killed process would: nothing is sealed.</summary>
    internal void Abandon()
    {
        lock (gate)
        {
            disposed = true;
            log?.Dispose();
            segments.Dispose();
        }
    }

    private void RefuseWhenReadOnly()
    {
        if (isReadOnly)
        {
            throw new InvalidOperationException("This table was opened for reading.");
        }
    }

    private void AppendFrame(EntryBlock entries)
    {
        if (conflicting is null || !ContainsConflicting(conflicting, entries.Keys))
        {
            pending.Add(entries.Keys, entries.Values, entries.States);
            WriteFrame(entries, overriding: false);
            return;
        }

        // What answers a reported conflict goes into a frame of its own, marked, so that it wins after a kill as well.
        var others = new EntryBuffer(Width);
        var answering = new EntryBuffer(Width);
        for (var i = 0; i < entries.Keys.Length; i++)
        {
            var entry = entries.Slice(i, 1, Width);
            (conflicting.Contains(entry.Keys[0]) ? answering : others).Add(entry.Keys, entry.Values, entry.States);
        }

        if (others.Count > 0)
        {
            var sorted = others.Sort();
            pending.Add(sorted.Keys, sorted.Values, sorted.States);
            WriteFrame(sorted, overriding: false);
        }

        answers.Add(answering.Sort());
        WriteFrame(answering.Sort(), overriding: true);
    }

    private static bool ContainsConflicting(HashSet<RecordKey> conflicting, ReadOnlySpan<RecordKey> keys)
    {
        foreach (var key in keys)
        {
            if (conflicting.Contains(key))
            {
                return true;
            }
        }

        return false;
    }

    private void WriteFrame(EntryBlock entries, bool overriding)
    {
        try
        {
            log ??= ScoreLog.Create(folder, identity, Width);
            log.Append(entries, Width, overriding);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            WarnCannotWrite(error);
        }
    }

    private void CheckLengths(int keys, int values, int states)
    {
        if (states != keys || values != (long)keys * Width)
        {
            throw new ArgumentException($"{keys} keys need {keys} states and {(long)keys * Width} bytes of values; got {states} and {values}.");
        }
    }

    private void WarnCannotWrite(Exception error) => WarnOnce(
        folder,
        new Diagnostic(
            Severity.Warning,
            CacheCodes.CannotWrite,
            $"Scores cannot be written to the cache ({error.Message}); this build is right, but the next one scores them again. Free the disk or set DatasetCachePath.",
            folder));

    private void WarnOnce(string subject, Diagnostic diagnostic)
    {
        if (warned.Add($"{diagnostic.Code} {subject}"))
        {
            warn(diagnostic);
        }
    }
}
