using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>A file as the last build wrote it, or found it written as it wanted it.</summary>
public sealed record WrittenFile(string Path, FileStamp Stamp, ContentDigest Digest)
{
    /// <summary>Whether nobody has touched the file since; its content is not read.</summary>
    public bool IsUntouched => FileStamp.TryOf(Path, out var now) && now == Stamp;

    /// <summary>Whether the file says what it said, touched or not, at its place or, moved along with its folder, at <paramref name="path"/>.</summary>
    public bool IsSameAt(string path) => FileStamp.TryOf(path, out var now) && (now == Stamp || (now.Size == Stamp.Size && ContentDigest.TryOfFile(path) == Digest));

    /// <summary>A file that a build has just left at its place; without a content, and so never the same, where it is there no more.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="before">The same file as an earlier build left it: while its stamp stands, so does its content.</param>
    public static WrittenFile Of(string path, WrittenFile? before = null) =>
        before?.IsUntouched == true ? before
        : FileStamp.TryOf(path, out var stamp) && ContentDigest.TryOfFile(path) is { } digest ? new WrittenFile(path, stamp, digest)
        : new WrittenFile(path, default, default);
}
