using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>
/// A journal that somebody wrote into the output folder. Nothing outside is touched; where the old manifest or the new one stands after the recovery, and the
/// journal did not lie about what belongs to it, so does the whole set; and the next commit goes through.
/// </summary>
internal sealed class CommitJournalTarget : PayloadTarget
{
    private const string Manifest = CommitJournal.ManifestName;
    private static readonly Dictionary<string, string> Old = new() { ["README.md"] = "old readme", ["train/0.jsonl"] = "old 0", ["gone/2.jsonl"] = "old 2", [Manifest] = "old manifest" };
    private static readonly Dictionary<string, string> New = new() { ["README.md"] = "new readme", ["train/0.jsonl"] = "new 0", ["more/3.jsonl"] = "new 3", [Manifest] = "new manifest" };

    private readonly string outside;

    public CommitJournalTarget() => outside = Scratch.Write("outside/file", "not ours"u8);

    public override string Name => "commit-journal";

    public override bool IsJson => true;

    public override int ShortRun => 300;

    public override IReadOnlyList<string> Words =>
    [
        "../outside/file", "..", "/", outside, ".datasetbuild/manifest.json", ".datasetbuild/commit.journal", ".datasetbuild/commit.lock", ".datasetbuild", "link/file", "link", "README.md", "train", "train/0.jsonl",
        "more/3.jsonl", "gone", "\\u0000", "\\ud800", "\\\\", "C:", "null", "[]", "{}", "-1", "1e99", "9223372036854775808", "\"target\":", "\"temporary\":", "\"length\":", "\"sha256\":", "\"deletions\":",
        .. New.Keys.Select(TemporaryOf), new string('é', 200), string.Concat(Enumerable.Repeat("[", 80)),
    ];

    protected override string Kind => "commit-journal";

    protected override int Version => 1;

    private string Output => Scratch.At("dataset");

    private string State => Scratch.At("dataset", ".datasetbuild");

    protected override string PathOf(byte[] payload) => Path.Combine(State, "commit.journal");

    public override long MayAllocate(int length) => (16L << 20) + (2000L * length);

    public override IEnumerable<byte[]> Seeds()
    {
        yield return Journal([.. New.Keys], ["gone/2.jsonl"]);
        yield return Journal([Manifest], []);
        yield return Journal(["../outside/file", Manifest], []);
        yield return Journal(["link/file", Manifest], ["link/file"]);
        yield return Journal(["README.md", "README.md/x", Manifest], ["train/0.jsonl"]);
        yield return Journal([Manifest, "README.md"], [Manifest, ".datasetbuild/commit.lock"]);
        yield return Journal(["train", Manifest], []);
        yield return Journal([Manifest], ["train"]);
        yield return Journal(["README.md", "README.md", Manifest], []);
        yield return Journal([".datasetbuild/commit.journal", Manifest], []);
        yield return Journal([new string('é', 200), Manifest], []);
    }

    public override string Run(byte[] input)
    {
        Prepare();
        return base.Run(input);
    }

    protected override string Load(byte[] payload)
    {
        var outcome = Recover();
        Checks.Holds(File.ReadAllText(outside) == "not ours" && Directory.GetFileSystemEntries(Path.GetDirectoryName(outside)!).Length == 1, "something outside the output folder was touched");
        var files = Files();
        Checks.Holds(files.All(file => Old.ContainsValue(file.Value) || New.ContainsValue(file.Value)), "a file holds what neither set holds");
        if (outcome != "error")
        {
            Checks.Holds(files.Keys.All(name => name == Manifest || !name.StartsWith(".datasetbuild/", StringComparison.Ordinal)), "temporaries are left");
        }

        // Whatever it was, it does not stand in the way for ever.
        Checks.Holds(Recover() is "Clean" or "NotBuilt" or "Finished" or "Discarded", "a second recovery fails as well");
        using (var journal = CommitJournal.Begin(Output))
        {
            using (var manifest = journal.Create(Manifest))
            {
                manifest.Write("next"u8);
            }

            journal.Commit();
        }

        return $"{outcome} {files.Count} {files.Count(file => New.ContainsValue(file.Value))} {files.ContainsKey(Manifest)}";
    }

    private string Recover()
    {
        try
        {
            return CommitJournal.Recover(Output, wait: TimeSpan.Zero).ToString();
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '4'), "an error has another code");
            return "error";
        }
    }

    private void Prepare()
    {
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }

        foreach (var (name, content) in Old)
        {
            Scratch.Write(Path.Combine("dataset", name), Encoding.UTF8.GetBytes(content));
        }

        foreach (var (name, content) in New)
        {
            File.WriteAllText(Path.Combine(State, TemporaryOf(name)), content);
        }

        Directory.CreateSymbolicLink(Path.Combine(Output, "link"), Path.GetDirectoryName(outside)!);
    }

    private Dictionary<string, string> Files() => Directory.GetFiles(Output, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .ToDictionary(path => Path.GetRelativePath(Output, path), File.ReadAllText);

    private static byte[] Journal(string[] targets, string[] deletions) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        files = targets.Select(target => (Target: target, Content: New.GetValueOrDefault(target, "new 3"))).Select(file => new
        {
            target = file.Target,
            temporary = TemporaryOf(New.ContainsKey(file.Target) ? file.Target : "more/3.jsonl"),
            length = file.Content.Length,
            sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Content))),
        }),
        deletions,
    });

    private static string TemporaryOf(string target) => $".{target[(target.LastIndexOf('/') + 1)..]}.0123456789abcdef.tmp";
}
