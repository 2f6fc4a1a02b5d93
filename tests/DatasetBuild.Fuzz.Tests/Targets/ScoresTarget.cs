using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>
/// A segment or a log among the stored scores. What a look-up answers stands in the file behind a right checksum, before and after all was merged, and what is added
/// stays.
/// </summary>
internal sealed class ScoresTarget(bool isLog) : FuzzTarget
{
    private const int Width = 4;
    private const int Count = 40;
    private static readonly ScorerIdentity Identity = ScorerIdentity.Of(("name", "fuzz"));
    private static readonly RecordKey[] Keys = [.. Enumerable.Range(0, Count).Select(Key).Order()];
    private static readonly RecordKey Added = Key(1000);

    public override string Name => isLog ? "score-log" : "score-segment";

    public override int ShortRun => 400;

    private string Cache => Scratch.At("cache");

    private string Folder => Scratch.At("cache", "scores", Identity.Folder);

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var count in (int[])[1, 10, Count])
        {
            Clear();
            var table = new ScoreStore(Cache, _ => { }).Open(Identity, Width);
            for (var from = 0; from < count; from += 16)
            {
                var keys = Keys.AsSpan(from, Math.Min(16, count - from));
                table.Append(keys, [.. keys.ToArray().SelectMany(key => BitConverter.GetBytes((int)key.Low))], [.. keys.ToArray().Select(key => (byte)(1 + (key.Low % 3)))]);
            }

            if (isLog)
            {
                table.Abandon();
                yield return File.ReadAllBytes(Directory.GetFiles(Folder, "log-*").Single());
            }
            else
            {
                table.Dispose();
                yield return File.ReadAllBytes(Directory.GetFiles(Folder, "seg-*").Single());
            }
        }
    }

    public override byte[] Repair(byte[] input) => isLog ? ScoreFiles.RepairLog(input, Width) : ScoreFiles.RepairSegment(input, Width);

    public override string Run(byte[] input)
    {
        Clear();
        Directory.CreateDirectory(Folder);
        var name = new string('a', 32);
        File.WriteAllBytes(Path.Combine(Folder, isLog ? $"log-{name}.log" : $"seg-{name}.seg"), input);
        var allowed = isLog ? ScoreFiles.EntriesOfLog(input, Identity.Digest, Width) : ScoreFiles.EntriesOfSegment(input, Identity.Digest, Width);
        var warnings = new List<Diagnostic>();
        var first = LookUp(allowed, warnings, add: true);
        var second = LookUp(allowed, warnings, add: false);
        Checks.Holds(warnings.All(warning => warning.Severity == Severity.Warning && Checks.IsCode(warning.Code, '4')), "a warning has another code");
        return $"{Checks.Bucket(allowed.Count)} {Checks.Bucket(first)} {Checks.Bucket(second)} {string.Join(' ', warnings.Select(warning => warning.Code).Distinct())}";
    }

    private int LookUp(HashSet<string> allowed, List<Diagnostic> warnings, bool add)
    {
        using var table = new ScoreStore(Cache, warnings.Add).Open(Identity, Width);
        if (add)
        {
            table.Append([Added], [1, 2, 3, 4], [1]);
        }

        RecordKey[] keys = [.. Keys.Append(Added).Order()];
        var values = new byte[keys.Length * Width];
        var states = new byte[keys.Length];
        table.Lookup(keys, values, states);
        var found = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            var value = values.AsSpan(i * Width, Width);
            if (keys[i] == Added)
            {
                Checks.Holds(states[i] == 1 || allowed.Count > 0, "what was added is gone");
            }
            else if (states[i] != 0)
            {
                found++;
                Checks.Holds(allowed.Contains(ScoreFiles.Entry(keys[i], states[i], value)), $"the answer for {keys[i]} stands in no intact block");
            }
        }

        if (add)
        {
            table.Seal();
        }

        return found;
    }

    private void Clear()
    {
        if (Directory.Exists(Cache))
        {
            Directory.Delete(Cache, recursive: true);
        }
    }

    private static RecordKey Key(int number) => new(XxHash64.Hash(BitConverter.GetBytes(number)), (ulong)number);
}
