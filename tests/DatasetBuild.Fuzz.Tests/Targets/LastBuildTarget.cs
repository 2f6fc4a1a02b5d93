using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>What the last build of a project was. Whatever it names, nothing but stamps is looked at.</summary>
internal sealed class LastBuildTarget : PayloadTarget
{
    public override string Name => "last-build";

    public override IReadOnlyList<string> Words { get; } = ["/dev/zero", "/", "..", "\0", "", "DSB4001"];

    protected override string Kind => "last-build";

    protected override int Version => 4;

    protected override string PathOf(byte[] payload) => LastBuild.PathIn(Scratch.Root);

    public override IEnumerable<byte[]> Seeds()
    {
        var stamp = new FileStamp(1, 2, 3, 4, 5);
        var file = new SeenFile("/data/a.jsonl", stamp, Racy: false);
        new LastBuild(EngineVersion.Build, default, new BuildFolders("/out/", "/report/", "/cache"), 3, 2, [file, file with { Racy = true }], [new WrittenFile("/out/b", stamp, default)], []) { Warnings = [new Diagnostic(Severity.Warning, "DSB1020", "empty")] }.Save(Scratch.Root);
        yield return PayloadOf(PathOf([]));
        new LastBuild("other", default, new BuildFolders("", "", ""), 0, 0, [], [], []).Save(Scratch.Root);
        yield return PayloadOf(PathOf([]));
    }

    protected override string Load(byte[] payload)
    {
        if (LastBuild.Load(Scratch.Root) is not { } last)
        {
            return "none";
        }

        var isCurrent = last.IsCurrent(last.Plan, out var difference);
        Checks.Holds(isCurrent == (difference.Length == 0), "a difference is not told");
        return $"{isCurrent} {Checks.Bucket(last.Inputs.Count)} {Checks.Bucket(last.Outputs.Count)} {Checks.Bucket(last.Reports.Count)} {Checks.Bucket(last.Warnings.Count)} {difference.Split(' ')[^1]}";
    }
}
