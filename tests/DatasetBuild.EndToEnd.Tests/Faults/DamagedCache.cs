using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>Files of the cache and of the project's state are changed, cut, deleted, swapped, replaced, or joined by ones that belong elsewhere.</summary>
internal sealed class DamagedCache : Fault
{
    private const int MostFiles = 6;

    public override string Name => "damage in cache and state";

    public override int Weight => 25;

    public override string Strike(FaultWorld world, Random random, string about)
    {
        var project = world.Project;
        if (!Directory.Exists(project.CachePath))
        {
            project.Run().ShouldSucceed(about);
            world.Edit();
        }

        var done = new List<string>();
        var planted = new List<string>();
        var damaged = new List<string>();
        for (var files = random.Next(1, MostFiles); files > 0; files--)
        {
            var all = Files(project);
            if (all.Length > 0)
            {
                var path = all[random.Next(all.Length)];
                damaged.Add(path);
                done.Add(Damage(path, all, planted, random));
            }
        }

        about = $"{about}, {string.Join(", ", done)}";
        world.Heal(about, keepsScores: false).Reported("error").ShouldBeEmpty(about);
        planted.ForEach(Remove); // what is not its own no build deletes: somebody who read the warnings does

        // New records make a build open all that it did not have to open before.
        world.AddRecords();
        project.Run().ShouldSucceed(about);
        world.AddRecords();
        world.Heal(about, keepsScores: false).Reported("warning").ShouldBeEmpty($"{about}: the damage outlives the build that met it");
        damaged.ForEach(Remove); // what no build had to read is damaged still, and "cache verify" would say so
        return done[0].Split(' ')[0];
    }

    private static string[] Files(EngineProject project) =>
    [
        .. SampleProject.FilesUnder(project.CachePath),
        .. SampleProject.FilesUnder(project.StatePath).Where(file => file.EndsWith(".blk", StringComparison.Ordinal)),
    ];

    private static string Damage(string path, string[] all, List<string> planted, Random random)
    {
        var name = Path.GetFileName(path);
        switch (random.Next(10))
        {
            case 0:
                File.Delete(path);
                return $"deleted {name}";
            case 1:
                using (var file = File.Open(path, FileMode.Open))
                {
                    file.SetLength(random.NextInt64(file.Length + 1));
                    return $"truncated {name} to {file.Length}";
                }

            case 2:
                using (var file = File.Open(path, FileMode.Open))
                {
                    file.SetLength(file.Length + random.Next(1, 70_000));
                    return $"extended {name} to {file.Length}";
                }

            case 3:
                File.WriteAllBytes(path, RandomBytes(random, random.Next(2000)));
                return $"overwritten {name}";
            case 4 when Others(all, path) is { Length: > 0 } others: // another file's content, whole and with right checksums
                var other = others[random.Next(others.Length)];
                File.Copy(other, path, overwrite: true);
                if (path.EndsWith(".seg", StringComparison.Ordinal))
                {
                    planted.Add(path); // intact, and another scorer's
                }

                return $"swapped {name} for {Path.GetFileName(other)}";
            case 5 when Segments(all) is { Length: > 0 } segments: // a segment of this scorer, or of another one
                var target = Path.Combine(Path.GetDirectoryName(segments[random.Next(segments.Length)])!, $"seg-{Convert.ToHexStringLower(RandomBytes(random, 16))}.seg");
                var foreign = segments[random.Next(segments.Length)];
                File.Copy(foreign, target);
                planted.Add(target);
                return $"planted {foreign} as {target}";
            case 6:
                var stray = Path.Combine(Path.GetDirectoryName(path)!, $"planted-{random.Next():x}.{(random.Next(2) == 0 ? "seg" : "blk")}");
                File.WriteAllBytes(stray, RandomBytes(random, random.Next(500)));
                planted.Add(stray);
                return $"added {Path.GetFileName(stray)}";
            case 7 when path.Contains("/cache/", StringComparison.Ordinal):
                File.Delete(path);
                Directory.CreateDirectory(path);
                planted.Add(path);
                return $"folder for {name}";
            default:
                using (var file = File.Open(path, FileMode.Open))
                {
                    var at = file.Length == 0 ? 0 : random.NextInt64(file.Length);
                    file.Position = at;
                    var old = file.ReadByte();
                    file.Position = at;
                    file.WriteByte((byte)(Math.Max(old, 0) ^ (1 << random.Next(8))));
                    return $"flipped a bit of {name} at {at}";
                }
        }
    }

    private static string[] Others(string[] all, string path) => [.. all.Where(file => file != path && File.Exists(file))];

    private static string[] Segments(string[] all) => [.. all.Where(file => file.EndsWith(".seg", StringComparison.Ordinal) && File.Exists(file))];

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }
        else
        {
            File.Delete(path);
        }
    }
}
