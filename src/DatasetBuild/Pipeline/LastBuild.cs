using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>A file as the last build left or found it.</summary>
public sealed record SeenFile(string Path, FileStamp Stamp, bool Racy)
{
    /// <summary>Whether there was no file, of which a build took note too.</summary>
    public bool IsAbsent => Stamp == default;
}

/// <summary>Where a build put subset, report, and what it keeps.</summary>
public sealed record BuildFolders(string Output, string Report, string Cache);

/// <summary>
/// What the last build of a project was: plan, engine, and the stamps of all that it read and wrote. While all of that is the same, there is nothing to do.
/// Kept in the project's intermediate folder; may vanish at any time.
/// </summary>
public sealed record LastBuild(
    string Engine, ContentDigest Plan, BuildFolders Folders, int Records, int Kept, IReadOnlyList<SeenFile> Inputs, IReadOnlyList<WrittenFile> Outputs, IReadOnlyList<WrittenFile> Reports)
{
    /// <summary>What that build warned of: true as long as nothing changed, and said again by every build that has nothing to do.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    private const string Kind = "last-build";
    private const int Version = 4;
    private const long MaxBytes = 1 << 30;

    /// <summary>The plan that the last build built, for whoever wants to know what changed since.</summary>
    public static string PlanPathIn(string statePath) => Path.Combine(statePath, "last-plan.json");

    public static string PathIn(string statePath) => Path.Combine(statePath, "last-build.blk");

    public static LastBuild? Load(string statePath)
    {
        if (!BlockFile.TryRead(PathIn(statePath), Kind, Version, MaxBytes, out var payload, null))
        {
            return null;
        }

        using (payload)
        {
            using var reader = new BinaryReader(new MemoryStream(payload.Span.ToArray()), Encoding.UTF8);
            try
            {
                return new LastBuild(
                    reader.ReadString(),
                    ReadDigest(reader),
                    new BuildFolders(reader.ReadString(), reader.ReadString(), reader.ReadString()),
                    reader.ReadInt32(),
                    reader.ReadInt32(),
                    ReadList(reader, ReadSeen),
                    ReadList(reader, ReadWritten),
                    ReadList(reader, ReadWritten))
                {
                    Warnings = ReadList(reader, ReadWarning),
                };
            }
            catch (Exception error) when (error is IOException or FormatException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether a build of <paramref name="plan"/> would find everything as this one left it. The first difference is told in words.</summary>
    /// <param name="plan">The digest of the plan to compare with.</param>
    /// <param name="difference">Empty where there is none.</param>
    /// <param name="isSame">
    /// Whether an input whose stamp moved, or says too little, has the content that it had; what was written is then judged by content too. Null: a file whose stamp
    /// moved counts as changed.
    /// </param>
    public bool IsCurrent(ContentDigest plan, out string difference, Func<SeenFile, bool>? isSame = null)
    {
        difference = Engine != EngineVersion.Build ? "another version of DatasetBuild built it"
            : Plan != plan ? "the project changed (its stages, properties or list of shards)"
            : "";
        if (difference.Length > 0)
        {
            return false;
        }

        foreach (var file in Inputs)
        {
            if (!FileStamp.TryOf(file.Path, out var now))
            {
                difference = file.IsAbsent ? "" : $"{file.Path} is gone";
            }
            else if (file.IsAbsent)
            {
                difference = $"{file.Path} is there now";
            }
            else if ((file.Racy || now != file.Stamp) && isSame?.Invoke(file) == true)
            {
                continue;
            }
            else if (file.Racy)
            {
                difference = $"{file.Path} was written just before the last build: its time stamp alone cannot say whether it changed since";
            }
            else if (now != file.Stamp)
            {
                difference = $"{file.Path} changed";
            }

            if (difference.Length > 0)
            {
                return false;
            }
        }

        foreach (var file in Outputs.Concat(Reports))
        {
            if (!(isSame is null ? file.IsUntouched : file.IsSameAt(file.Path)))
            {
                difference = $"the output {file.Path} is not as it was written";
                return false;
            }
        }

        if (StrayOutputs().FirstOrDefault() is { } stray)
        {
            difference = $"{stray} is not of the subset, but would be loaded with it";
            return false;
        }

        return true;
    }

    /// <summary>Files that lie among those of the subset and bear such names, and that this build did not write.</summary>
    public IEnumerable<string> StrayOutputs()
    {
        var own = Outputs.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        return PreviousOutputs.DataFilesIn(Folders.Output).Select(file => Path.Combine(Folders.Output, file)).Where(file => !own.Contains(file));
    }

    public void Save(string statePath)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Engine);
            Write(writer, Plan);
            writer.Write(Folders.Output);
            writer.Write(Folders.Report);
            writer.Write(Folders.Cache);
            writer.Write(Records);
            writer.Write(Kept);
            WriteList(writer, Inputs, Write);
            WriteList(writer, Outputs, Write);
            WriteList(writer, Reports, Write);
            WriteList(writer, Warnings, Write);
        }

        Directory.CreateDirectory(statePath);
        BlockFile.Write(PathIn(statePath), Kind, Version, memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }

    private static List<T> ReadList<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var list = new List<T>();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            list.Add(read(reader));
        }

        return list;
    }

    private static void WriteList<T>(BinaryWriter writer, IReadOnlyList<T> list, Action<BinaryWriter, T> write)
    {
        writer.Write(list.Count);
        foreach (var item in list)
        {
            write(writer, item);
        }
    }

    private static SeenFile ReadSeen(BinaryReader reader) => new(reader.ReadString(), ReadStamp(reader), reader.ReadBoolean());

    private static void Write(BinaryWriter writer, SeenFile file)
    {
        writer.Write(file.Path);
        Write(writer, file.Stamp);
        writer.Write(file.Racy);
    }

    private static WrittenFile ReadWritten(BinaryReader reader) => new(reader.ReadString(), ReadStamp(reader), ReadDigest(reader));

    private static void Write(BinaryWriter writer, WrittenFile file)
    {
        writer.Write(file.Path);
        Write(writer, file.Stamp);
        Write(writer, file.Digest);
    }

    private static Diagnostic ReadWarning(BinaryReader reader) => new(
        Severity.Warning, reader.ReadString(), reader.ReadString(), reader.ReadString() is { Length: > 0 } file ? file : null, reader.ReadInt32(), reader.ReadInt32());

    private static void Write(BinaryWriter writer, Diagnostic warning)
    {
        writer.Write(warning.Code);
        writer.Write(warning.Message);
        writer.Write(warning.File ?? "");
        writer.Write(warning.Line);
        writer.Write(warning.Column);
    }

    private static FileStamp ReadStamp(BinaryReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());

    private static void Write(BinaryWriter writer, FileStamp stamp)
    {
        writer.Write(stamp.Device);
        writer.Write(stamp.Inode);
        writer.Write(stamp.Size);
        writer.Write(stamp.MTimeNs);
        writer.Write(stamp.CTimeNs);
    }

    private static ContentDigest ReadDigest(BinaryReader reader)
    {
        var bytes = reader.ReadBytes(ContentDigest.Size);
        return bytes.Length == ContentDigest.Size ? ContentDigest.Read(bytes) : throw new EndOfStreamException();
    }

    private static void Write(BinaryWriter writer, ContentDigest digest)
    {
        Span<byte> bytes = stackalloc byte[ContentDigest.Size];
        digest.Write(bytes);
        writer.Write(bytes);
    }
}
