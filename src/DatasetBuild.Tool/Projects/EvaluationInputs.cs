using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Tool.Projects;

/// <summary>What an evaluation of a project found on disk: while all of it is the same, another evaluation would come to the same.</summary>
internal sealed class EvaluationInputs
{
    /// <summary>More than this is faster asked of MSBuild than looked at.</summary>
    private const int MostNames = 50_000;

    private readonly SortedDictionary<string, FileStamp> files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, bool> places = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Folder, bool Deep), string> folders = [];

    /// <summary>A folder whose content is nobody's input: the engine's own, which asking and building write to.</summary>
    public required string Private { get; init; }

    /// <summary>A file that was read. False when it changed so late that the evaluation may have read something else.</summary>
    public bool AddFile(string path, long evaluationStartNs)
    {
        if (!FileStamp.TryOf(path, out var stamp) || stamp.IsRacy(evaluationStartNs))
        {
            return false;
        }

        files[path] = stamp;
        return true;
    }

    /// <summary>A place where something may be, or not.</summary>
    public void AddPlace(string path) => places[path] = Path.Exists(path);

    /// <summary>A folder whose names count; with those of all folders below it if <paramref name="deep"/>. False when there are too many.</summary>
    public bool AddFolder(string folder, bool deep)
    {
        AddPlace(folder);
        if (Directory.Exists(folder))
        {
            if (Names(folder, deep) is not { } names)
            {
                return false;
            }

            folders[(folder, deep)] = names;
        }

        return true;
    }

    /// <summary>Whether a folder changed since, as far as its time stamps tell; a name that came while MSBuild looked may not be among those it saw.</summary>
    public bool AnyFolderChangedSince(DateTime startUtc) => folders.Keys.Any(key => FoldersIn(key.Folder, key.Deep).Any(folder => Directory.GetLastWriteTimeUtc(folder) >= startUtc));

    public bool AreUnchanged()
    {
        foreach (var (path, stamp) in files)
        {
            if (!FileStamp.TryOf(path, out var now) || now != stamp)
            {
                return false;
            }
        }

        foreach (var (path, existed) in places)
        {
            if (Path.Exists(path) != existed)
            {
                return false;
            }
        }

        foreach (var ((folder, deep), names) in folders)
        {
            if (Names(folder, deep) != names)
            {
                return false;
            }
        }

        return true;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Private);
        writer.Write(files.Count);
        foreach (var (path, stamp) in files)
        {
            writer.Write(path);
            writer.Write(stamp.Device);
            writer.Write(stamp.Inode);
            writer.Write(stamp.Size);
            writer.Write(stamp.MTimeNs);
            writer.Write(stamp.CTimeNs);
        }

        writer.Write(places.Count);
        foreach (var (path, existed) in places)
        {
            writer.Write(path);
            writer.Write(existed);
        }

        writer.Write(folders.Count);
        foreach (var ((folder, deep), names) in folders)
        {
            writer.Write(folder);
            writer.Write(deep);
            writer.Write(names);
        }
    }

    public static EvaluationInputs Read(BinaryReader reader)
    {
        var inputs = new EvaluationInputs { Private = reader.ReadString() };
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            inputs.files.Add(reader.ReadString(), new FileStamp(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
        }

        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            inputs.places.Add(reader.ReadString(), reader.ReadBoolean());
        }

        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            inputs.folders.Add((reader.ReadString(), reader.ReadBoolean()), reader.ReadString());
        }

        return inputs;
    }

    /// <summary>A digest of all names, each with whether it is a folder's. Null where there are too many, or a folder cannot be read.</summary>
    private string? Names(string root, bool deep)
    {
        var text = new StringBuilder();
        var count = 0;
        try
        {
            foreach (var folder in FoldersIn(root, deep))
            {
                var entries = new DirectoryInfo(folder).GetFileSystemInfos();
                Array.Sort(entries, (left, right) => string.CompareOrdinal(left.Name, right.Name));
                count += entries.Length;
                if (count > MostNames)
                {
                    return null;
                }

                text.Append(folder).Append('\n');
                foreach (var entry in entries)
                {
                    text.Append(entry is DirectoryInfo ? "d " : "f ").Append(entry.Name).Append('\n');
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The folder and, if wanted, all below it, as MSBuild's patterns walk them: links are followed, and a link in a circle ends where paths do.</summary>
    private IEnumerable<string> FoldersIn(string root, bool deep)
    {
        var own = Path.TrimEndingDirectorySeparator(Private);
        var left = new Stack<string>();
        left.Push(root);
        while (left.TryPop(out var folder))
        {
            if (Path.TrimEndingDirectorySeparator(folder) == own || !Directory.Exists(folder))
            {
                continue;
            }

            yield return folder;
            if (deep)
            {
                foreach (var below in Directory.EnumerateDirectories(folder).OrderDescending(StringComparer.Ordinal))
                {
                    left.Push(below);
                }
            }
        }
    }
}
