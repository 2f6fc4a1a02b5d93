using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>What people do to shards between two builds.</summary>
internal static class ShardEdits
{
    /// <param name="folder">Where the shards lie.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="records">About as many as a shard has.</param>
    /// <param name="numbers">The range that the numbers of records are drawn from; new ones come from twice of it.</param>
    public static void Apply(string folder, Random random, int records, int numbers)
    {
        var shards = SampleProject.FilesUnder(folder);
        var shard = shards[random.Next(shards.Length)];
        switch (random.Next(6))
        {
            case 0: // new data in a file's place
                File.WriteAllLines(shard, Prose.Shard(random, records, numbers * 2));
                break;
            case 1: // a line less
                File.WriteAllLines(shard, File.ReadAllLines(shard).Skip(1));
                break;
            case 2: // the last becomes the first in canonical order, or the other way round
                File.Move(shard, Path.Combine(folder, $"{(char)('a' + random.Next(26))}-{random.Next():x8}.jsonl"));
                break;
            case 3: // in place, of the same length, with its time put back
                var time = File.GetLastWriteTimeUtc(shard);
                File.WriteAllText(shard, File.ReadAllText(shard).Replace("river", "rover", StringComparison.Ordinal));
                File.SetLastWriteTimeUtc(shard, time);
                break;
            case 4 when shards.Length > 3:
                File.Delete(shard);
                break;
            case 4:
                File.WriteAllLines(Path.Combine(folder, $"new-{random.Next():x8}.jsonl"), Prose.Shard(random, records, numbers));
                break;
            default:
                File.AppendAllLines(shard, Prose.Shard(random, records / 10, numbers * 2));
                break;
        }
    }
}
