using System.Buffers.Binary;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Pipeline;
using DatasetBuild.Tests.Pipeline;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>
/// A whole build over files of cache, state and output that somebody changed. Where a checksum tells, the subset is that of a clean build; where the checksums were
/// made right again, the build ends as it should or says with a code why not. The input says what to change, eight bytes for each change.
/// </summary>
internal sealed class BuildTarget : FuzzTarget
{
    private const int Change = 8;
    private static readonly long[] Numbers = [0, 1, -1, 7, 64, 255, 4096, 65536, int.MaxValue, int.MinValue, 1L << 32, long.MaxValue, long.MinValue, 1L << 24, 40, -8];

    private readonly TestProject project;
    private bool isChanged;
    private readonly Dictionary<string, byte[]> pristine;
    private readonly Dictionary<string, string> clean;
    private readonly Dictionary<string, string> cleanOfChanged;

    public BuildTarget()
    {
        project = new TestProject(Scratch.At("project")) { Properties = new() { ["DatasetThreads"] = "1" } };
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(Record)]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 30).Select(Record)]);
        project.Stage("ExactDedup", ("Normalize", "Lower"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Keep", "66.5%"));
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Max", "8"), ("Keep", "70%"));
        Thread.Sleep(40); // so that the shards' stamps say what they are
        project.Build();
        pristine = Folders.SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)).ToDictionary(path => path, File.ReadAllBytes);
        clean = Subset();
        ChangeShard();
        project.Build();
        cleanOfChanged = Subset();
        Restore();
    }

    public override string Name => "build";

    public override int ShortRun => 200;

    private IEnumerable<string> Folders => [project.CachePath, project.StatePath, project.OutputPath, project.ReportPath];

    public override long MayAllocate(int length) => 512L << 20;

    public override IEnumerable<byte[]> Seeds() => Enumerable.Range(0, pristine.Count).SelectMany(file => (byte[][])
    [
        [(byte)file, 1, 1, 72, 64, 0, 0, 0],
        [(byte)file, 0, 0, 8, 90, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0],
        [(byte)file, 5, 0, 0, 0, 0, 0, 0, (byte)file, 1, 1, 130, 136, 0, 0, 0],
        [(byte)file, 4, 0, 0, 0, 0, 0, 0, (byte)(file + 1), 1, 1, 6, 100, 0, 0, 0],
    ]);

    public override string Run(byte[] input)
    {
        Restore();
        var isForged = false;
        isChanged = false;
        for (var at = 0; at + Change <= Math.Min(input.Length, 6 * Change); at += Change)
        {
            isForged |= Apply(input.AsSpan(at, Change));
        }

        try
        {
            var build = project.Build();
            Checks.Holds(isForged || Subset().SequenceEqual(isChanged ? cleanOfChanged : clean), "the subset is not that of a clean build");
            return $"built {isChanged} {Checks.Bucket(build.Scored)} {string.Join(' ', build.Diagnostics.Select(diagnostic => diagnostic.Code).Distinct())}";
        }
        catch (DatasetException error)
        {
            Checks.Holds(isForged, $"a build over damaged files failed: {error.Message}");
            return $"failed {error.Diagnostic.Code}";
        }
        catch (BuildFailedException)
        {
            Checks.Holds(isForged, "a build over damaged files failed");
            return "failed";
        }
    }

    private static string Record(int i) => $$"""{"id":{{i}},"prompt":"Question number {{i}}?","completion":"{{new string((char)('a' + (i % 26)), 1 + (i * 37 % 50))}}","q":{{i % 10}}}""";

    /// <summary>The subset's files, in order, and what they hold. A manifest that tells of a forged score is no damage of its own.</summary>
    private Dictionary<string, string> Subset() =>
        project.Snapshot().Where(file => !file.Key.Contains("dataset.report", StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal).ToDictionary();

    private void Restore()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var (path, content) in pristine)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        WriteShard(Enumerable.Range(20, 30));
    }

    private void ChangeShard() => WriteShard(Enumerable.Range(20, 31));

    private void WriteShard(IEnumerable<int> records) => project.Shard("data/b.jsonl", [.. records.Select(Record)]);

    /// <summary>Whether the change is one that no checksum tells.</summary>
    private bool Apply(ReadOnlySpan<byte> change)
    {
        var names = pristine.Keys.Where(path => !path.EndsWith("plan.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var path = names[change[0] % names.Count];
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var at = bytes.Length == 0 ? 0 : (int)(BinaryPrimitives.ReadUInt32LittleEndian(change[4..]) % bytes.Length);
        switch (change[1] % 6)
        {
            case 0 when bytes.Length > 0:
                bytes[at] ^= (byte)(1 << (change[3] % 8));
                break;
            case 1:
                Span<byte> number = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, Numbers[change[3] % Numbers.Length]);
                number[..Math.Min(1 << (change[3] / 64), bytes.Length - at)].CopyTo(bytes.AsSpan(at));
                break;
            case 2:
                bytes = bytes[..at];
                break;
            case 3:
                bytes = pristine[names[at % names.Count]];
                break;
            case 4:
                // All of one kind: what is behind it is asked then.
                File.Delete(path);
                foreach (var other in names.Where(name => Path.GetDirectoryName(Path.GetDirectoryName(name)) == Path.GetDirectoryName(Path.GetDirectoryName(path))))
                {
                    File.Delete(other);
                }

                return false;
            default:
                isChanged = true;
                ChangeShard();
                return false;
        }

        var isRepaired = change[2] % 2 == 1;
        File.WriteAllBytes(path, isRepaired ? Repaired(path, bytes) : bytes);

        // What lies beside the subset has no checksum of its own: the manifest is believed where it says what the files say.
        return isRepaired || path.StartsWith(project.OutputPath, StringComparison.Ordinal);
    }

    private static byte[] Repaired(string path, byte[] bytes) => Path.GetExtension(path) switch
    {
        ".blk" => Blocks.Repair(bytes),
        ".seg" when bytes.Length >= 16 => ScoreFiles.RepairSegment(bytes, Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)), 1, 256)),
        _ => bytes,
    };
}
