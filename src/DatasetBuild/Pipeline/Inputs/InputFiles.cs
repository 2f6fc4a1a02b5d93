using System.Collections;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The files besides the shards that a build reads: tokenizers, models, score files. Each is added before it is read, so that its stamp is that of what
/// was read, or of something older.
/// </summary>
internal sealed class InputFiles : IEnumerable<string>
{
    private readonly Dictionary<string, SeenFile> files = new(StringComparer.Ordinal);

    public IReadOnlyCollection<SeenFile> Seen => files.Values;

    public IEnumerator<string> GetEnumerator() => files.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Notes a file, be it there or not: one that is not has no stamp, and the next build looks whether it has come.</summary>
    public SeenFile Add(string fullPath)
    {
        if (!files.TryGetValue(fullPath, out var file))
        {
            var now = FileStamp.NowNs();
            file = files[fullPath] = FileStamp.TryOf(fullPath, out var stamp) ? new SeenFile(fullPath, stamp, stamp.IsRacy(now)) : new SeenFile(fullPath, default, Racy: false);
        }

        return file;
    }
}
