using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Score once, select always: what a build costs after a change, and that it is right all the same.</summary>
public sealed class IncrementalTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public IncrementalTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(i => Record(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(30, 20).Select(i => Record(i)), Record(3)]);
        project.Stage("Content", ("Kind", "ExactDedup"), ("Normalize", "Trim"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Keep", "40%"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_build_scores_every_distinct_record_that_reaches_a_stage()
    {
        var build = project.Build();

        // A copy is not scored itself, and its value was not known before this run.
        (build["Content"].Entered, build["Content"].Scored, build["Content"].Cached, build["Content"].Kept).ShouldBe((51, 50, 0, 50));
        (build["Length"].Entered, build["Length"].Scored, build["Length"].Kept).ShouldBe((50, 50, 20));
        build.Result.Kept.ShouldBe(20);
        project.Lines().Count.ShouldBe(20);
        build.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void Building_again_scores_nothing_and_touches_no_file()
    {
        project.Build();
        var before = Stamps();

        var build = project.Build();

        build.Scored.ShouldBe(0);
        build["Length"].Cached.ShouldBe(50);
        Stamps().ShouldBe(before);
    }

    [Fact]
    public void A_file_that_lies_among_those_of_the_subset_would_be_loaded_with_it_and_goes()
    {
        Thread.Sleep(50); // past the clock's tick that the shards were written in
        project.Build();
        project.UpToDate().ShouldNotBeNull();
        var before = project.Snapshot();
        File.WriteAllText(Path.Combine(project.OutputPath, "train", "train-00009-of-00010.jsonl"), Record(1) + "\n");
        project.UpToDate().ShouldBeNull();

        project.Build();
        project.Snapshot().ShouldBe(before);
        project.UpToDate().ShouldNotBeNull();
    }

    [Fact]
    public void An_edited_record_costs_one_score_a_stage()
    {
        project.Build();
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(i => Record(i == 7 ? 700 : i))]);

        var build = project.Build();

        (build["Content"].Scored, build["Length"].Scored).ShouldBe((1, 1));
    }

    [Fact]
    public void Moved_renamed_resharded_and_reordered_records_cost_nothing_and_keep_the_same_keys()
    {
        project.Build();
        var kept = Kept();

        project.Shards.Clear();
        foreach (var part in Enumerable.Range(0, 50).Append(3).Reverse().Chunk(7))
        {
            project.Shard($"elsewhere/{part[0]}.jsonl", [.. part.Select(i => Record(i))]);
        }

        var build = project.Build();

        build.Scored.ShouldBe(0);
        Kept().ShouldBe(kept);
    }

    [Fact]
    public void A_shard_that_is_renamed_copied_or_touched_is_not_parsed_again()
    {
        project.Build();
        ParsedInLastRun().ShouldBe(51);

        var lines = Enumerable.Range(0, 30).Select(i => Record(i)).ToArray();
        project.Shards.Clear();
        project.Shard("renamed/a.jsonl", lines);
        project.Shard("copied/a.jsonl", lines);
        project.Build();

        ParsedInLastRun().ShouldBe(0);
    }

    [Fact]
    public void A_deleted_record_brings_its_twin_back()
    {
        project.Stages.Clear();
        project.Stage("Content", ("Kind", "ExactDedup"), ("Normalize", "Trim"));
        project.Build();
        project.Lines().Count(line => line == Record(3)).ShouldBe(1);

        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Where(i => i != 3).Select(i => Record(i))]);
        var build = project.Build();

        build.Scored.ShouldBe(0);
        build.Result.Kept.ShouldBe(50);
        project.Lines().Count(line => line == Record(3)).ShouldBe(1);
    }

    [Fact]
    public void A_changed_threshold_scores_nothing()
    {
        project.Build();
        project.Stages[1].Metadata["Keep"] = "60%";

        var build = project.Build();

        build.Scored.ShouldBe(0);
        build.Result.Kept.ShouldBe(30);
    }

    [Fact]
    public void A_stage_in_front_of_another_keeps_the_scores_behind_it()
    {
        project.Build();
        project.Stages.Insert(0, ("Words", new() { ["Kind"] = "TokenLength", ["Counter"] = "Words", ["Min"] = "2" }));

        var build = project.Build();

        build["Words"].Scored.ShouldBe(50);
        (build["Content"].Scored, build["Length"].Scored).ShouldBe((0, 0));
    }

    [Fact]
    public void A_stage_scores_only_what_the_stages_before_it_left()
    {
        project.Stages.Insert(0, ("Short", new() { ["Kind"] = "TokenLength", ["Counter"] = "Bytes", ["Part"] = "Prompt", ["Keep"] = "10" }));

        var build = project.Build();

        build["Content"].Scored.ShouldBe(10);
        project.Stages[0].Metadata["Keep"] = "12";
        project.Build()["Content"].Scored.ShouldBe(2);
    }

    [Fact]
    public void A_field_outside_the_conversation_scores_nothing_and_its_line_is_written_again()
    {
        project.Properties["DatasetOutputShards"] = "8";
        project.Build();
        var before = Stamps();
        var line = project.Lines()[0];
        var edited = line.Replace("\"q\":", "\"q\":1", StringComparison.Ordinal);

        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(i => Record(i) == line ? edited : Record(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(30, 20).Append(3).Select(i => Record(i) == line ? edited : Record(i))]);
        var build = project.Build();

        build.Scored.ShouldBe(0);
        project.Lines().ShouldContain(edited);
        project.Lines().ShouldNotContain(line);
        Changed(before).Count(path => path.Contains("train-0", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("Source")]
    [InlineData("Messages")]
    [InlineData("PromptCompletion")]
    public void One_changed_record_rewrites_one_file_and_the_others_keep_inode_and_time(string schema)
    {
        project.Properties["DatasetOutputShards"] = "16";
        project.Properties["DatasetOutputSchema"] = schema;
        project.Stages.RemoveAt(1);
        project.Build();
        var before = Stamps();

        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(i => Record(i)), Record(100)]);
        project.Build();

        Changed(before).Count(path => path.Contains("train-0", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void A_record_of_another_shape_does_not_rewrite_lines_that_stay_as_they_are()
    {
        project.Properties["DatasetOutputShards"] = "16";
        project.Properties["DatasetOutputSchema"] = "Source";
        project.Stages.RemoveAt(1);
        project.Build();
        var before = Stamps();

        project.Shard("data/c.jsonl", """{"messages":[{"role":"system","content":"s"},{"role":"user","name":"n","content":"a"}],"tools":[{"name":"f"}]}""");
        project.Build();

        Changed(before).Count(path => path.Contains("train-0", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void When_nothing_changed_the_build_is_up_to_date_and_any_change_ends_that()
    {
        // Only stamps that are older than the clock's last tick can say that nothing changed.
        foreach (var path in Directory.GetFiles(folder.At("clone", "data")))
        {
            WaitUntilStampIsOld(path);
        }

        project.UpToDate().ShouldBeNull();
        var kept = project.Build().Result.Kept;
        project.UpToDate().ShouldNotBeNull().Kept.ShouldBe(kept);

        var output = Directory.GetFiles(Path.Combine(project.OutputPath, "train"))[0];
        File.AppendAllText(output, "x");
        project.UpToDate().ShouldBeNull();
        project.Build();
        project.UpToDate().ShouldNotBeNull();

        File.AppendAllText(folder.At("clone", "data", "a.jsonl"), Record(200) + "\n");
        project.UpToDate().ShouldBeNull();
    }

    [Fact]
    public void A_build_that_has_nothing_to_do_says_the_warnings_of_the_subset_again_and_none_of_the_cache()
    {
        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        project.Properties["DatasetDevice"] = "cpu";
        project.Shard("data/c.jsonl", "{}");
        project.Stages[1].Metadata["Keep"] = "1000";
        foreach (var (name, _) in project.Shards)
        {
            WaitUntilStampIsOld(folder.At("clone", name));
        }

        var first = project.Build();
        foreach (var index in Directory.GetFiles(folder.At("clone", "cache", "derived", "shard-index"), "*.blk", SearchOption.AllDirectories))
        {
            File.WriteAllText(index, "damaged");
        }

        project.Build().Diagnostics.ShouldContain(diagnostic => diagnostic.Code == CacheCodes.DamagedFile);
        var again = project.UpToDate().ShouldNotBeNull().Warnings;

        again.Select(warning => warning.Code).Order(StringComparer.Ordinal).ShouldBe([DataCodes.Quarantined, DataCodes.KeepAboveEntered, ProjectCodes.UnusedProperty]);
        again.ShouldBe(first.Diagnostics, ignoreOrder: true);
    }

    [Fact]
    public void Verified_inputs_are_read_again_whatever_their_stamps_say()
    {
        var path = folder.At("clone", "data", "a.jsonl");
        project.Stages.RemoveAt(1);
        foreach (var (name, _) in project.Shards)
        {
            WaitUntilStampIsOld(folder.At("clone", name));
        }

        project.Build();
        var old = EditUnseen(1);

        // Without the property such an edit cannot be seen.
        project.UpToDate().ShouldNotBeNull();
        project.Build();
        project.Manifest()["inputs"]!.ToJsonString().ShouldContain(old, Case.Insensitive);

        project.Properties["DatasetVerifyInputs"] = "true";
        project.Build();
        old = EditUnseen(2);
        project.UpToDate().ShouldBeNull();
        project.Build();
        ParsedInLastRun().ShouldBe(30);
        project.Manifest()["inputs"]!.ToJsonString().ShouldNotContain(old, Case.Insensitive);
        project.Lines().ShouldContain(line => line.Contains("zz2", StringComparison.Ordinal));

        // Edits the shard, and lets the state believe that its stamp of now was that of before.
        string EditUnseen(int edit)
        {
            FileStamp.TryOf(path, out var before).ShouldBeTrue();
            var content = ContentDigest.Of(File.ReadAllBytes(path));
            project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(i => i == 25 ? Record(i).Replace("zzz", $"zz{edit}", StringComparison.Ordinal) : Record(i))]);
            FileStamp.TryOf(path, out var after).ShouldBeTrue();
            after.Size.ShouldBe(before.Size);
            var last = LastBuild.Load(project.StatePath)!;
            (last with { Inputs = [.. last.Inputs.Select(file => file.Path == path ? file with { Stamp = after } : file)] }).Save(project.StatePath);
            var stats = StatTable.Load(Path.Combine(project.StatePath, "stat.blk"));
            stats.Set(path, after, content, racy: false);
            stats.Save(Path.Combine(project.StatePath, "stat.blk"));
            WaitUntilStampIsOld(path);
            return content.ToString();
        }
    }

    [Fact]
    public void Outputs_that_somebody_removed_together_with_a_folder_of_shards_are_made_again()
    {
        project.Shard("elsewhere/c.jsonl", Record(70));
        project.Build();
        Directory.Delete(folder.At("clone", "bin"), recursive: true);
        Directory.Delete(folder.At("clone", "elsewhere"), recursive: true);
        project.Shards.RemoveAll(shard => shard.Name == "elsewhere/c.jsonl");

        project.Build().Diagnostics.ShouldBeEmpty();
        var before = project.Snapshot();
        project.Build().Diagnostics.ShouldBeEmpty();

        project.Snapshot().ShouldBe(before);
        before.Keys.ShouldNotContain(path => path.Contains("elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public void An_index_belongs_to_the_engine_that_made_it()
    {
        project.Shards.RemoveAt(1);
        project.Build();
        var content = ContentDigest.Of(File.ReadAllBytes(folder.At("clone", "data", "a.jsonl")));
        var derived = new DerivedData(project.CachePath, _ => { });
        derived.TryRead(ShardIndexFile.Kind, ShardIndexFile.Version, HashFor(EngineVersion.Build), out var kept).ShouldBeTrue();
        using (kept)
        {
            derived.Write(ShardIndexFile.Kind, ShardIndexFile.Version, HashFor("another"), kept!.Span);
        }

        File.Delete(Directory.GetFiles(Path.Combine(project.CachePath, "derived", "shard-index"), Convert.ToHexStringLower(HashFor(EngineVersion.Build)) + ".blk", SearchOption.AllDirectories).Single());
        project.Build();

        ParsedInLastRun().ShouldBe(30);

        byte[] HashFor(string reader) =>
            SHA256.HashData(Encoding.UTF8.GetBytes($"reader={reader}\ncontent={content}\n{ShapeOptions.Detect.Identity}max={64 << 20}\n"));
    }

    [Fact]
    public void A_damaged_output_is_mended()
    {
        project.Build();
        var before = project.Snapshot();
        foreach (var path in Directory.GetFiles(project.OutputPath, "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(project.ReportPath, "*", SearchOption.AllDirectories)))
        {
            File.WriteAllText(path, "damaged");
            project.Build();
            project.Snapshot().ShouldBe(before, path);

            File.Delete(path);
            project.Build();
            project.Snapshot().ShouldBe(before, path);
        }
    }

    internal static string Record(int i) =>
        $$"""{"id":{{i}},"prompt":"Question number {{i}}?","completion":"{{new string((char)('a' + (i % 26)), 1 + (i * 37 % 50))}}","q":{{i % 10}}}""";

    internal static void WaitUntilStampIsOld(string path)
    {
        FileStamp.TryOf(path, out var stamp).ShouldBeTrue();
        while (stamp.IsRacy(FileStamp.NowNs()))
        {
            Thread.Sleep(5);
        }
    }

    private List<string> Kept() => [.. project.Lines().Select(line => Records.Reading.Key(line).ToString()).Order(StringComparer.Ordinal)];

    private Dictionary<string, FileStamp> Stamps() => Directory.GetFiles(Path.Combine(project.Root, "bin"), "*", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(project.Root, path), path => FileStamp.TryOf(path, out var stamp) ? stamp : default);

    private IEnumerable<string> Changed(Dictionary<string, FileStamp> before) =>
        Stamps().Where(pair => !before.TryGetValue(pair.Key, out var stamp) || stamp != pair.Value).Select(pair => pair.Key);

    private int ParsedInLastRun()
    {
        using var facts = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(folder.At("clone/obj/dataset/run.json")));
        return facts.RootElement.GetProperty("parsed").GetInt32();
    }
}
