using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Inputs that were touched, copied over themselves or checked out again have other stamps and the content that they had. Where nothing else happened since the last
/// build there is nothing to build: their stamps are noted anew, so that the next build need not read them.
/// </summary>
internal static class TouchedInputs
{
    /// <summary>The last build with the stamps of now, or null where anything but stamps of inputs changed.</summary>
    /// <param name="plan">What is to be built.</param>
    /// <param name="observer">Hears how many files were compared.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <exception cref="OperationCanceledException">The comparing was stopped; nothing is noted.</exception>
    public static LastBuild? TryPassOver(Plan plan, IBuildObserver observer, CancellationToken cancel)
    {
        if (LastBuild.Load(plan.StatePath) is not { } last || !last.Outputs.Concat(last.Reports).All(file => file.IsUntouched))
        {
            return null;
        }

        var statPath = Path.Combine(plan.StatePath, StatTable.FileName);
        var stats = StatTable.Load(statPath);
        var shards = plan.Shards.Concat(plan.Base).Select(shard => shard.FullPath).ToHashSet(StringComparer.Ordinal);
        Dictionary<SeenFile, ContentDigest> touched = [];
        if (!last.IsCurrent(ContentDigest.Read(plan.Digest), out _, MayBeSame))
        {
            return null;
        }

        var settings = new Settings(plan);
        var renewed = Compare([.. touched], stats, settings.Threads, observer, cancel);
        if (!stats.Save(statPath) || renewed is null)
        {
            return null;
        }

        var same = last with
        {
            Inputs = [.. last.Inputs.Select(file => renewed.GetValueOrDefault(file) is { } now ? now with { Racy = now.Racy || settings.VerifyInputs } : file)],
        };
        same.Save(plan.StatePath);
        return same;

        // What can be told without reading: most edits change the size. A shard's content was noted as it was read. That of other files was looked at a moment later: where
        // their stamp said too little at that moment, it may be another one than the stages read.
        bool MayBeSame(SeenFile file)
        {
            if ((file.Racy && !shards.Contains(file.Path))
                || !stats.TryGetNoted(file.Path, file.Stamp, out var content)
                || !FileStamp.TryOf(file.Path, out var now)
                || now.Size != file.Stamp.Size)
            {
                return false;
            }

            touched[file] = content;
            return true;
        }
    }

    /// <summary>The touched files with their stamps of now, or null where one has another content; what was found the same is noted in any case.</summary>
    private static Dictionary<SeenFile, SeenFile>? Compare(
        KeyValuePair<SeenFile, ContentDigest>[] touched, StatTable stats, int threads, IBuildObserver observer, CancellationToken cancel)
    {
        Dictionary<SeenFile, SeenFile> renewed = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancel };
        var areSame = Parallel.ForEach(touched, options, (entry, loop) =>
        {
            var (file, content) = entry;
            if (TryRenew(file, content, cancel) is not { } now)
            {
                loop.Stop();
                return;
            }

            stats.Set(now.Path, now.Stamp, content, now.Racy);
            lock (renewed)
            {
                renewed[file] = now;
                observer.Progress("Compare", renewed.Count, touched.Length, 0);
            }
        }).IsCompleted;
        return areSame ? renewed : null;
    }

    private static SeenFile? TryRenew(SeenFile file, ContentDigest content, CancellationToken cancel)
    {
        var now = FileStamp.NowNs();
        return FileStamp.TryOf(file.Path, out var stamp) && ContentDigest.TryOfFile(file.Path, cancel) == content && FileStamp.TryOf(file.Path, out var after) && after == stamp
            ? file with { Stamp = stamp, Racy = stamp.IsRacy(now) }
            : null;
    }
}
