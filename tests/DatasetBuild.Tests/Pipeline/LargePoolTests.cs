namespace DatasetBuild.Tests.Pipeline;

/// <summary>A pool of 265 published files.</summary>
public sealed class LargePoolTests
{
    [Fact]
    public void However_the_pool_is_cut_nothing_is_scored_again_and_the_same_records_stay()
    {
        var source = SharedData.Path("pools", "t0");
        var files = Directory.GetFiles(source, "*.jsonl").Order(StringComparer.Ordinal).ToList();
        using var folder = new ScratchFolder();

        var project = Project(folder, "as published");
        foreach (var file in files)
        {
            File.CreateSymbolicLink(Path.Combine(project.Root, "data", Path.GetFileName(file)), file);
            project.Shards.Add(($"data/{Path.GetFileName(file)}", []));
        }

        var first = project.Build();
        (first.Result.Records, first["ExactDedup"].Kept).ShouldBe((55_185, 54_032));
        var kept = Kept(project);
        kept.Count.ShouldBe(first["Words"].Kept);

        var lines = files.SelectMany(File.ReadLines).Where(line => line.Length > 0).ToList();
        lines.Count.ShouldBe(55_185);

        var one = Project(folder, "one file");
        File.WriteAllLines(Path.Combine(one.Root, "data", "all.jsonl"), lines);
        one.Shards.Add(("data/all.jsonl", []));
        Check(one);

        var eighteen = Project(folder, "eighteen files");
        foreach (var (number, part) in lines.Chunk((lines.Count / 18) + 1).Index())
        {
            File.WriteAllLines(Path.Combine(eighteen.Root, "data", $"{18 - number:00}.jsonl"), part);
            eighteen.Shards.Add(($"data/{18 - number:00}.jsonl", []));
        }

        Check(eighteen);

        var reversed = Project(folder, "reversed");
        lines.Reverse();
        File.WriteAllLines(Path.Combine(reversed.Root, "data", "all.jsonl"), lines);
        reversed.Shards.Add(("data/all.jsonl", []));
        Check(reversed);

        void Check(TestProject other)
        {
            var build = other.Build();
            build.Scored.ShouldBe(0);
            build["ExactDedup"].Kept.ShouldBe(54_032);
            Kept(other).SetEquals(kept).ShouldBeTrue(other.Root);
        }
    }

    private static TestProject Project(ScratchFolder folder, string name)
    {
        var project = new TestProject(folder.At(name), cache: folder.At("cache"));
        Directory.CreateDirectory(Path.Combine(project.Root, "data"));
        project.Stage("ExactDedup", ("Normalize", "Trim"));
        project.Stage("Words", ("Kind", "TokenLength"), ("Counter", "Words"), ("Part", "Record"), ("Keep", "40%"));
        return project;
    }

    /// <summary>What stays, as conversations in their trimmed form: of two that differ in white space alone the first in the pool's order stays.</summary>
    private static HashSet<string> Kept(TestProject project) => [.. project.Lines().Select(line =>
    {
        var record = System.Text.Json.Nodes.JsonNode.Parse(line)!.AsObject();
        return string.Join('\u0001', record.Select(pair => $"{pair.Key}\u0002{pair.Value?.ToString().Trim()}"));
    })];
}
