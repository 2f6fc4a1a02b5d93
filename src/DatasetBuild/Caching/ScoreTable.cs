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
public sealed class ScoreTable : IDisposable
{
    /// <summary>When this process's log has grown to this many bytes it is sealed without being asked.</summary>
    internal const long SealAtBytes = 64L << 20;

    /// <summary>More segments than this are merged.</summary>
    internal const int MaxSegments = 8;

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly byte[] identity;
    private readonly Action<Diagnostic> warn;
    private readonly TimeProvider time;
    private readonly HashSet<(string Code, string Subject)> warned = [];
    private readonly SegmentFolder segments;

    // What this process appended since it last sealed; 'answers' holds new values for keys that were reported as conflicting.
    private readonly EntryBuffer pending;
    private readonly ConflictAnswers answers;
    private readonly HashSet<RecordKey> conflicting = [];
    private ScoreLog? log;
    private long sealAt = SealAtBytes;
    private bool disposed;

    internal ScoreTable(string folder, ScorerIdentity identity, int width, Action<Diagnostic> warn, TimeProvider time)
    {
        this.folder = folder;
        this.identity = identity.Digest.ToArray();
        this.warn = warn;
        this.time = time;
        Width = width;
        pending = new EntryBuffer(width);
        answers = new ConflictAnswers(width);
        segments = new SegmentFolder(folder, this.identity, width, (subject, diagnostic) => WarnOnce(subject, diagnostic));
        segments.Refresh();
        AdoptDeadLogs();
        Maintain();
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
            SealPending();
            segments.Refresh();
            Maintain();
        }
    }

    /// <summary>Drops all scores of this scorer, in the store and in this table, before any is asked for again.</summary>
    public void Forget()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            log?.Delete();
            log = null;
            pending.Clear();
            answers.Clear();
            conflicting.Clear();
            segments.Dispose();
            var text = ReadIdentityText();
            ScoreStore.Forget(folder);
            RestoreIdentityText(text);
            segments.Refresh();
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

    private void Lookup(ScoreSegment segment, ReadOnlySpan<RecordKey> keys, Span<byte> values, Span<byte> states, List<int> conflicts)
    {
        if (segment.Blocks == 0)
        {
            return;
        }

        using var buffer = new RentedBytes(segment.BlockBytes);
        int i = 0, block = 0;
        while (i < keys.Length && keys[i] <= segment.LastKey)
        {
            block = segment.BlockOf(keys[i], block);
            if (block < 0)
            {
                block = 0;
                i = EntryJoin.Seek(keys, i + 1, segment.FirstKeyOf(0));
                continue;
            }

            var end = block + 1 < segment.Blocks ? EntryJoin.Seek(keys, i + 1, segment.FirstKeyOf(block + 1)) : keys.Length;
            if (segment.TryReadBlock(block, buffer.Span, out var entries))
            {
                EntryJoin.Copy(
                    entries, keys[i..end], values.Slice(i * Width, (end - i) * Width), states[i..end], Width, i, conflicts);
            }
            else
            {
                WarnOnce(segment.Path, SegmentFolder.Damaged(segment.Path));
            }

            i = end;
            block = Math.Min(block + 1, segment.Blocks - 1);
        }
    }

    private void Discard(ReadOnlySpan<RecordKey> keys, Span<byte> values, Span<byte> states, List<int> conflicts)
    {
        var news = 0;
        var example = default(RecordKey);
        foreach (var i in conflicts)
        {
            states[i] = 0;
            values.Slice(i * Width, Width).Clear();
            if (!answers.Contains(keys[i]) && conflicting.Add(keys[i]))
            {
                news++;
                example = keys[i];
            }
        }

        if (news > 0)
        {
            warn(new Diagnostic(
                Severity.Warning,
                CacheCodes.ConflictingScores,
                $"The store holds two different values for {news} record(s), among them {example}; both are discarded and the records scored again. "
                + "If this recurs, the scorer is not deterministic or its identity leaves a parameter out.",
                folder));
        }
    }

    private void AppendFrame(EntryBlock entries)
    {
        if (conflicting.Count == 0 || !ContainsConflicting(entries.Keys))
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

    private bool ContainsConflicting(ReadOnlySpan<RecordKey> keys)
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

    private void SealPending()
    {
        if (pending.Count == 0 && answers.Count == 0)
        {
            return;
        }

        // If the log was taken from under this process (a file system without locks), its name may stand for less than this process knows.
        var id = log is not null && File.Exists(log.Path) ? log.Id : Guid.NewGuid();
        if (TrySeal(id, pending, answers))
        {
            conflicting.ExceptWith(answers.Keys);
            pending.Clear();
            answers.Clear();
            log?.Delete();
            log = null;
            sealAt = SealAtBytes;
        }
        else
        {
            sealAt = pending.Bytes + SealAtBytes;
        }
    }

    /// <summary>Writes entries as a new segment; with overriding ones among them, as a segment that replaces all others.</summary>
    private bool TrySeal(Guid id, EntryBuffer entries, ConflictAnswers overriding)
    {
        if (overriding.Count == 0)
        {
            return TryMerge(id, [], entries, null);
        }

        segments.Refresh();
        return TryMerge(Guid.NewGuid(), segments.Live, entries, overriding.ToBuffer());
    }

    private bool TryMerge(Guid id, IReadOnlyList<ScoreSegment> inputs, EntryBuffer? entries, EntryBuffer? winners)
    {
        var sources = inputs.Select(segment => new EntrySource(segment, damaged => WarnOnce(damaged.Path, SegmentFolder.Damaged(damaged.Path)))).ToList();
        try
        {
            var dropped = new HashSet<RecordKey>();
            if (entries is not null)
            {
                sources.Add(new EntrySource(entries, Width, droppable: true));
            }

            if (winners is not null)
            {
                sources.Add(new EntrySource(winners, Width, droppable: false));
                foreach (var key in winners.Sort().Keys)
                {
                    dropped.Add(key);
                }
            }

            using (var writer = new SegmentWriter(Path.Combine(folder, ScoreSegment.NameOf(id)), Width))
            {
                SegmentMerge.Run(sources, Width, dropped, writer);
                writer.Commit(identity, segments.ReplacedBy(inputs), time.GetUtcNow().UtcDateTime);
            }

            segments.Refresh();
            return true;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            WarnCannotWrite(error);
            return false;
        }
        finally
        {
            sources.ForEach(source => source.Dispose());
        }
    }

    private void Maintain()
    {
        // Small segments are merged with small ones, so that a build that adds one score does not rewrite a million.
        var ascending = segments.Live.Reverse().ToList();
        var chosen = ascending.Where(segment => segment.IsDamaged).ToHashSet();
        if (ascending.Count > MaxSegments)
        {
            long sum = 0;
            for (var i = 0; i < ascending.Count && (i < 2 || ascending[i].Count <= 4 * sum || ascending.Count - i >= MaxSegments); i++)
            {
                chosen.Add(ascending[i]);
                sum += ascending[i].Count;
            }
        }

        if (chosen.Count > 0)
        {
            TryMerge(Guid.NewGuid(), [.. chosen], null, null);
        }

        segments.Sweep(time);
    }

    private void AdoptDeadLogs()
    {
        foreach (var path in segments.Files(ScoreLog.Prefix + "*" + ScoreLog.Suffix))
        {
            var name = Path.GetFileNameWithoutExtension(path)[ScoreLog.Prefix.Length..];
            if (!Guid.TryParseExact(name, "N", out var id) || !FileStamp.TryOf(path, out _))
            {
                continue;
            }

            try
            {
                using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None);
                AdoptLog(path, id, handle);
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                // Alive, or gone meanwhile: somebody else's business either way.
            }
        }
    }

    private void AdoptLog(string path, Guid id, Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        var entries = new EntryBuffer(Width);
        var overriding = new ConflictAnswers(Width);
        var stored = true;
        var verdict = ScoreLog.Read(
            handle,
            identity,
            Width,
            (in EntryBlock frame, bool overrides) =>
            {
                if (overrides)
                {
                    overriding.Add(frame);
                    return;
                }

                entries.Add(frame.Keys, frame.Values, frame.States);
                if (entries.Bytes >= 2 * SealAtBytes)
                {
                    // No log that this program wrote is so long; a part at a time keeps memory bounded whatever it is.
                    stored &= TryMerge(Guid.NewGuid(), [], entries, null);
                    entries.Clear();
                }
            },
            out var damaged);
        if (verdict == FileVerdict.Foreign)
        {
            WarnOnce(path, SegmentFolder.Foreign(path));
            return;
        }

        if (damaged || verdict == FileVerdict.Damaged)
        {
            WarnOnce(path, SegmentFolder.Damaged(path));
        }

        if (entries.Count + overriding.Count > 0 && !TrySeal(id, entries, overriding))
        {
            // A cache that cannot be written still serves what it holds.
            var sorted = entries.Sort();
            pending.Add(sorted.Keys, sorted.Values, sorted.States);
            stored = false;
        }

        if (stored && !CacheFiles.TryDelete(path))
        {
            WarnCannotWrite(new IOException($"'{Path.GetFileName(path)}' cannot be deleted"));
        }
    }

    private byte[]? ReadIdentityText()
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder, ScoreStore.IdentityFile));
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return null;
        }
    }

    private void RestoreIdentityText(byte[]? text)
    {
        if (text is null)
        {
            return;
        }

        try
        {
            CacheFiles.CreatePrivateFolder(folder);
            File.WriteAllBytes(Path.Combine(folder, ScoreStore.IdentityFile), text);
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
        if (warned.Add((diagnostic.Code, subject)))
        {
            warn(diagnostic);
        }
    }
}
