using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <content>From logs to segments, and from many segments to few.</content>
public sealed partial class ScoreTable
{
    private void SealPending()
    {
        if (isReadOnly || (pending.Count == 0 && answers.Count == 0))
        {
            return;
        }

        // If the log was taken from under this process (a file system without locks), its name may stand for less than this process knows.
        var id = log is not null && File.Exists(log.Path) ? log.Id : Guid.NewGuid();
        if (TrySeal(id, pending, answers))
        {
            conflicting?.ExceptWith(answers.Keys);
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

    /// <summary>Writes a segment of all sources that replaces <paramref name="inputs"/>; of those and of <paramref name="entries"/> without what is dropped or in <paramref name="winners"/>.</summary>
    private bool TryMerge(Guid id, IReadOnlyList<ScoreSegment> inputs, EntryBuffer? entries, EntryBuffer? winners, Predicate<RecordKey>? isDropped = null)
    {
        var sources = Sources(inputs);
        try
        {
            if (entries is not null)
            {
                sources.Add(new EntrySource(entries, Width, droppable: true));
            }

            if (winners is not null)
            {
                sources.Add(new EntrySource(winners, Width, droppable: false));
                var won = new HashSet<RecordKey>(winners.Count);
                foreach (var key in winners.Sort().Keys)
                {
                    won.Add(key);
                }

                isDropped = won.Contains;
            }

            using (var writer = new SegmentWriter(Path.Combine(folder, ScoreSegment.NameOf(id)), Width, ScoreStore.TemporariesOf(folder)))
            {
                SegmentMerge.Run(sources, Width, isDropped, writer);
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

    private List<EntrySource> Sources(IReadOnlyList<ScoreSegment> inputs) =>
        [.. inputs.Select(segment => new EntrySource(segment, damaged => WarnOnce(damaged.Path, SegmentFolder.Damaged(damaged.Path))))];

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
            if (!Guid.TryParseExact(name, "N", out var id) || !FileStamp.TryOfUnlinked(path, out _))
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

    /// <summary>Takes what lies in the logs of dead processes into memory, and leaves them as they are.</summary>
    private void ReadLogs()
    {
        foreach (var path in segments.Files(ScoreLog.Prefix + "*" + ScoreLog.Suffix))
        {
            try
            {
                using var handle = CacheFiles.OpenRead(path);
                if (handle is not null)
                {
                    ScoreLog.Read(
                        handle,
                        identity,
                        Width,
                        (in EntryBlock frame, bool overrides) =>
                        {
                            if (overrides)
                            {
                                answers.Add(frame);
                            }
                            else
                            {
                                pending.Add(frame.Keys, frame.Values, frame.States);
                            }
                        },
                        out _);
                }
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                // Alive, or gone meanwhile.
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
            answers.Add(overriding.ToBuffer().Sort());
            stored = false;
        }

        if (stored && !CacheFiles.TryDelete(path))
        {
            WarnCannotWrite(new IOException($"'{Path.GetFileName(path)}' cannot be deleted"));
        }
    }
}
