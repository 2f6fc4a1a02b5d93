using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>What a project's last build used. Whatever it names, collecting deletes nothing outside the cache.</summary>
internal sealed class KnownProjectTarget : PayloadTarget
{
    private readonly string outside;

    public KnownProjectTarget() => outside = Scratch.Write("outside.blk", "not the cache's"u8);

    public override string Name => "known-project";

    public override int ShortRun => 500;

    public override IReadOnlyList<string> Words => ["../outside.blk", "/", "..", ".", "derived", "scores", outside, "\0"];

    protected override string Kind => "known-project";

    protected override int Version => 2;

    private string Cache => Scratch.At("cache");

    protected override string PathOf(byte[] payload)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(payload), Encoding.UTF8);
            return PathOf(reader.ReadString(), reader.ReadString());
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return PathOf("", "");
        }
    }

    public override IEnumerable<byte[]> Seeds()
    {
        var use = new CacheUse();
        use.Add(Cache, Path.Combine(Cache, "derived", "shard-index", "00", "00.blk"));
        use.Add(Cache, outside);
        foreach (var project in (string[])["/no/such.csproj", outside])
        {
            KnownProject.Note(Cache, project, "/state", use, _ => { });
            yield return PayloadOf(PathOf(project, "/state"));
        }
    }

    protected override string Load(byte[] payload)
    {
        var projects = KnownProject.All(Cache);
        Checks.Holds(projects.Count <= 1, "one file is several projects");
        var used = Scratch.At("cache", "derived", "shard-index", "00", "00.blk");
        Directory.CreateDirectory(Path.GetDirectoryName(used)!);
        File.WriteAllBytes(used, []);
        File.SetLastWriteTimeUtc(used, DateTime.UtcNow.AddDays(-1));
        var collected = CacheCollector.Collect(Cache, new CollectionRules { MaxBytes = 0, KeepFor = TimeSpan.Zero });
        Checks.Holds(File.Exists(outside), "a file outside the cache was deleted");
        Directory.Delete(Path.Combine(Cache, "projects"), recursive: true);
        return $"{Checks.Bucket(projects.Count == 0 ? 0 : projects[0].Parts.Count)} {projects.Count} {collected.Parts.Count}";
    }

    private string PathOf(string project, string statePath) =>
        Path.Combine(Cache, "projects", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\n{statePath}")).AsSpan(0, 16)) + ".blk");
}
