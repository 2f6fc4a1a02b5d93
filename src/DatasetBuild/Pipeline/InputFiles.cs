using System.Collections;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The files besides the shards that a build reads: tokenizers, score files. Each is added before it is read, so that its stamp is that of what
/// was read, or of something older.
/// </summary>
internal sealed class InputFiles : IEnumerable<string>
{
    private readonly Dictionary<string, SeenFile> files = new(StringComparer.Ordinal);

    public IReadOnlyCollection<SeenFile> Seen => files.Values;

    public IEnumerator<string> GetEnumerator() => files.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A file that a build would have read if it were there: once it is, the build is another one.</summary>
    public void AddOptional(string fullPath)
    {
        if (FileStamp.TryOf(fullPath, out _))
        {
            Add(fullPath);
        }
        else
        {
            files.TryAdd(fullPath, SeenFile.Absent(fullPath));
        }
    }

    public void Add(string fullPath)
    {
        if (!files.ContainsKey(fullPath))
        {
            var now = FileStamp.NowNs();
            files[fullPath] = FileStamp.TryOf(fullPath, out var stamp) ? new SeenFile(fullPath, stamp, stamp.IsRacy(now)) : new SeenFile(fullPath, default, Racy: true);
        }
    }
}
