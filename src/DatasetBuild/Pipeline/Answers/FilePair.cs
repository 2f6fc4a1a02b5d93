using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>Where two builds of one file part.</summary>
/// <param name="Path">The build's file; where only the other build has one, its place in this build.</param>
/// <param name="Problem">What is wrong, in words.</param>
/// <param name="Offset">The first byte that differs, from 0.</param>
/// <param name="Line">The line that it stands on, from 1; 0 where a whole file is missing.</param>
/// <param name="Key">The record on that line of the build's file, where it is one.</param>
/// <param name="CleanKey">The same of the clean build's file.</param>
public sealed record FileDifference(string Path, string Problem, long Offset, int Line, RecordKey? Key, RecordKey? CleanKey);

/// <summary>A file of a build and the same of another build; one of the two may be missing.</summary>
internal sealed record FilePair(string Path, string? Built, string? Clean)
{
    private const int MaxLineBytes = 1 << 20;

    public long Bytes => Built is not null && File.Exists(Built) ? new FileInfo(Built).Length : 0;

    /// <summary>The build's files in their order, then those that the other one has besides.</summary>
    public static IEnumerable<FilePair> Of(string folder, IEnumerable<string> built, string cleanFolder, IEnumerable<string> clean)
    {
        var others = clean.ToDictionary(path => System.IO.Path.GetRelativePath(cleanFolder, path), StringComparer.Ordinal);
        foreach (var path in built)
        {
            others.Remove(System.IO.Path.GetRelativePath(folder, path), out var other);
            yield return new FilePair(path, path, other);
        }

        foreach (var (name, other) in others.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            yield return new FilePair(System.IO.Path.Combine(folder, name), null, other);
        }
    }

    /// <summary>Null where both are the same.</summary>
    public FileDifference? Compare(Plan plan)
    {
        if (Built is null || !File.Exists(Built) || Clean is null)
        {
            return new FileDifference(Path, Clean is null ? "a clean build does not have this file" : "the build lacks this file, a clean one has it", 0, 0, null, null);
        }

        using var mine = File.OpenRead(Built);
        using var other = File.OpenRead(Clean);
        if (FirstDifference(mine, other) is not { } at)
        {
            return null;
        }

        var (line, start) = LineOf(mine, at);
        return new FileDifference(Path, "the bytes differ from those of a clean build", at, line, KeyAt(mine, start, plan), KeyAt(other, start, plan));
    }

    private static long? FirstDifference(FileStream mine, FileStream other)
    {
        var left = new byte[1 << 16];
        var right = new byte[1 << 16];
        for (long at = 0; ; )
        {
            var read = mine.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
            var otherRead = other.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
            var same = left.AsSpan(0, read).CommonPrefixLength(right.AsSpan(0, otherRead));
            if (same < read || same < otherRead)
            {
                return at + same;
            }

            if (read == 0)
            {
                return null;
            }

            at += read;
        }
    }

    private static (int Line, long Start) LineOf(FileStream file, long at)
    {
        file.Position = 0;
        var buffer = new byte[1 << 16];
        var (line, start) = (1, 0L);
        for (long done = 0; done < at; )
        {
            var read = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, at - done)));
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] == '\n')
                {
                    (line, start) = (line + 1, done + i + 1);
                }
            }

            done += read;
        }

        return (line, start);
    }

    /// <summary>The key of the record on a line, read as one of the project's shards is; null where it is none.</summary>
    private static RecordKey? KeyAt(FileStream file, long start, Plan plan)
    {
        file.Position = Math.Min(start, file.Length);
        var line = new byte[(int)Math.Min(MaxLineBytes, file.Length - file.Position)];
        file.ReadExactly(line);
        var end = Array.IndexOf(line, (byte)'\n');
        foreach (var shape in plan.Shards.Select(shard => shard.Shape).Distinct())
        {
            try
            {
                using var parser = new ConversationParser(shape);
                parser.Parse(line.AsSpan(0, end < 0 ? line.Length : end));
                return RecordKey.Of(parser.Canonical(line.AsSpan(0, end < 0 ? line.Length : end)));
            }
            catch (InvalidRecordException)
            {
                // Not such a record, or no record at all.
            }
        }

        return null;
    }
}
