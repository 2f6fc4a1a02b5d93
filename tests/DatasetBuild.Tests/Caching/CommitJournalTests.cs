using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Caching;

public sealed class CommitJournalTests : IDisposable
{
    private static readonly Dictionary<string, string> Old = new()
    {
        ["README.md"] = "old readme", ["train/0.jsonl"] = "old 0", ["train/1.jsonl"] = "stays", ["gone/2.jsonl"] = "old 2", [CommitJournal.ManifestName] = "old manifest",
    };

    private static readonly Dictionary<string, string> New = new()
    {
        ["README.md"] = "new readme", ["train/0.jsonl"] = "new 0", ["train/1.jsonl"] = "stays", ["more/3.jsonl"] = "new 3", [CommitJournal.ManifestName] = "new manifest",
    };

    private readonly TemporaryFolder temp = new();

    public void Dispose() => temp.Dispose();

    private string Output => temp["dataset"];

    private string State => temp["dataset", ".datasetbuild"];

    [Fact]
    public void A_commit_replaces_the_old_set_by_the_new_one_and_leaves_nothing_else()
    {
        WriteOld();
        CommitNew(null);
        Files().ShouldBe(New, ignoreOrder: true);
        Directory.Exists(temp["dataset", "gone"]).ShouldBeFalse();
        CommitJournal.Recover(Output, temp.Warn).ShouldBe(RecoveryOutcome.Clean);
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void The_manifest_comes_after_all_other_changes()
    {
        WriteOld();
        var steps = new List<string>();
        CommitNew(steps.Add);
        steps.SkipWhile(step => step != "journal").ShouldBe(
            ["journal", "rename README.md", "rename more/3.jsonl", "rename train/0.jsonl", "delete gone/2.jsonl", $"rename {CommitJournal.ManifestName}", "remove journal", "done"]);
    }

    [Fact]
    public void A_file_knows_its_digest_when_it_is_closed()
    {
        using var journal = CommitJournal.Begin(Output);
        var file = journal.Create("a");
        file.Write("con"u8);
        file.WriteByte((byte)'t');
        Should.Throw<InvalidOperationException>(() => file.Digest);
        file.Dispose();
        file.Digest.ShouldBe(ContentDigest.Of("cont"u8));
        file.Length.ShouldBe(4);
    }

    [Fact]
    public void What_is_hashed_beside_the_writing_has_the_digest_of_all_writes_in_their_order()
    {
        using var journal = CommitJournal.Begin(Output);
        var file = journal.Create("a");
        byte[][] held = [new byte[300_000], new byte[300_000]];
        for (var write = 0; write < 20; write++)
        {
            // The one before the last is free again, and is filled anew.
            var buffer = held[write % 2];
            new Random(write).NextBytes(buffer);
            file.WriteHeld(buffer.AsMemory(write));
            if (write % 5 == 4)
            {
                file.Write("between"u8);
            }
        }

        file.Dispose();
        var written = File.ReadAllBytes(Directory.EnumerateFiles(Output, "*", SearchOption.AllDirectories).Single(path => new FileInfo(path).Length > 1000));
        file.Length.ShouldBe(written.Length);
        file.Digest.ShouldBe(ContentDigest.Of(written));
    }

    [Theory]
    [InlineData(true, 4096)]
    [InlineData(true, 1 << 17)]
    [InlineData(false, 1 << 17)]
    public void What_is_written_past_the_page_cache_is_what_was_written(bool beside, int size)
    {
        var random = new Random(size);
        var lines = Enumerable.Range(0, 400).Select(_ => new byte[random.Next(10) == 0 ? random.Next(300_000) : random.Next(3000)]).ToList();
        lines.ForEach(random.NextBytes);
        using var journal = CommitJournal.Begin(Output);
        var file = journal.Create("a");
        file.WriteDirectly();
        var gathered = new BufferedLines(file, size, beside);
        foreach (var line in lines[..300])
        {
            gathered.Write(line);
        }

        gathered.Flush(); // hardly ever a whole block
        foreach (var line in lines[300..])
        {
            gathered.Write(line);
        }

        gathered.Flush();
        file.Dispose();

        var written = File.ReadAllBytes(Directory.EnumerateFiles(Output, "*", SearchOption.AllDirectories).Single(path => new FileInfo(path).Length > 1000));
        written.AsSpan().SequenceEqual(lines.SelectMany(line => line).ToArray()).ShouldBeTrue();
        file.Length.ShouldBe(written.Length);
        file.Digest.ShouldBe(ContentDigest.Of(written));
    }

    [Fact]
    public void Without_a_commit_the_old_set_stays_and_nothing_else()
    {
        WriteOld();
        using (var journal = CommitJournal.Begin(Output))
        {
            Write(journal, "README.md", "never");
            journal.Create("train/0.jsonl").WriteByte(1);
            journal.Delete("train/1.jsonl");
        }

        Files().ShouldBe(Old, ignoreOrder: true);
    }

    [Fact]
    public void A_kill_at_any_step_and_in_any_step_of_the_recovery_leaves_one_whole_set()
    {
        var sawOld = 0;
        var sawNew = 0;
        for (var at = 0; ; at++)
        {
            WriteOld();
            if (CommitNew(Killer(at)))
            {
                break;
            }

            for (var again = 0; ; again++)
            {
                try
                {
                    CommitJournal.Recover(Output, temp.Warn, Killer(again));
                    break;
                }
                catch (Killed)
                {
                }
            }

            var files = Files();
            files.ShouldBe(files[CommitJournal.ManifestName] == "old manifest" ? Old : New, ignoreOrder: true, $"killed at step {at}");
            _ = files[CommitJournal.ManifestName] == "old manifest" ? sawOld++ : sawNew++;
        }

        sawOld.ShouldBeGreaterThan(3);
        sawNew.ShouldBeGreaterThan(4);
    }

    [Fact]
    public void What_the_system_refuses_in_the_middle_is_taken_back()
    {
        // What is thrown here comes when a step is about to be done, as the system's refusal does.
        string[] steps = ["rename README.md", "rename more/3.jsonl", "rename train/0.jsonl", "delete gone/2.jsonl", $"rename {CommitJournal.ManifestName}"];
        foreach (var refused in steps)
        {
            WriteOld();
            var error = Should.Throw<DatasetException>(() => CommitNew(step =>
            {
                if (step == refused)
                {
                    throw new IOException("refused");
                }
            })).Diagnostic;

            error.Code.ShouldBe(CacheCodes.CannotCommit);
            error.Message.ShouldContain("The subset is as it was before this build.");
            Files().ShouldBe(Old, ignoreOrder: true, refused);
            Directory.Exists(temp["dataset", "more"]).ShouldBe(false, refused);
            CommitJournal.Recover(Output).ShouldBe(RecoveryOutcome.Clean);
        }
    }

    [Fact]
    public void A_kill_while_a_refused_commit_is_taken_back_leaves_one_that_is_finished()
    {
        WriteOld();
        KillAt("delete gone/2.jsonl"); // and then, as the undoing does it: the new file under its temporary's name, the old one not yet back
        var temporary = Path.Combine(State, CommitPlan.TryRead(Path.Combine(State, CommitJournal.JournalName), null)!.Files.Single(file => file.Target == "train/0.jsonl").Temporary);
        File.Move(temp["dataset", "train", "0.jsonl"], temporary);

        CommitJournal.Recover(Output, temp.Warn).ShouldBe(RecoveryOutcome.Finished);

        Files().ShouldBe(New, ignoreOrder: true);
    }

    [Fact]
    public void A_folder_in_the_place_of_an_output_costs_nothing_of_the_others()
    {
        WriteOld();
        Directory.CreateDirectory(temp["dataset", "more", "3.jsonl", "inside"]);

        Should.Throw<DatasetException>(() => CommitNew(null)).Diagnostic.Code.ShouldBe(CacheCodes.CannotCommit);

        Files().ShouldBe(Old, ignoreOrder: true);
    }

    [Fact]
    public void A_commit_that_lost_a_temporary_before_any_rename_is_discarded()
    {
        WriteOld();
        KillAt("rename README.md");
        File.Delete(Directory.GetFiles(State, ".0.jsonl.*.tmp").Single());
        CommitJournal.Recover(Output, temp.Warn).ShouldBe(RecoveryOutcome.Discarded);
        Files().ShouldBe(Old, ignoreOrder: true);
        temp.Codes.ShouldBe([CacheCodes.CommitDiscarded]);
    }

    [Fact]
    public void A_commit_that_cannot_be_completed_after_a_rename_leaves_no_manifest()
    {
        WriteOld();
        KillAt("rename train/0.jsonl");
        File.WriteAllText(Directory.GetFiles(State, ".0.jsonl.*.tmp").Single(), "xxx 0");
        CommitJournal.Recover(Output, temp.Warn).ShouldBe(RecoveryOutcome.NotBuilt);
        Files().Keys.ShouldNotContain(CommitJournal.ManifestName);
        Directory.GetFiles(State).ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_journal_leaves_no_manifest()
    {
        WriteOld();
        KillAt("rename README.md");
        var journal = Path.Combine(State, "commit.journal");
        var bytes = File.ReadAllBytes(journal);
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            var bad = (byte[])bytes.Clone();
            bad[random.Next(bad.Length)] ^= 16;
            File.WriteAllBytes(journal, round % 2 == 0 ? bad : bytes[..random.Next(bytes.Length)]);
            File.WriteAllText(Path.Combine(State, "manifest.json"), "old manifest");
            CommitJournal.Recover(Output).ShouldBe(RecoveryOutcome.NotBuilt);
            Files().Keys.ShouldNotContain(CommitJournal.ManifestName);
        }
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/outside")]
    [InlineData("train/../../outside")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\\b")]
    [InlineData("C:a")]
    [InlineData("")]
    [InlineData("link/outside")]
    public void No_path_leaves_the_folder(string target)
    {
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(temp["elsewhere"]);
        Directory.CreateSymbolicLink(temp["dataset", "link"], temp["elsewhere"]);
        using (var journal = CommitJournal.Begin(Output))
        {
            Should.Throw<DatasetException>(() => journal.Create(target)).Diagnostic.Code.ShouldBe(CacheCodes.UnsafePath);
            Should.Throw<DatasetException>(() => journal.Delete(target)).Diagnostic.Code.ShouldBe(CacheCodes.UnsafePath);
        }

        // The same by way of a journal that somebody else wrote.
        File.WriteAllText(Path.Combine(State, ".x.tmp"), "x");
        new CommitPlan([new CommitEntry(target, ".x.tmp", 1, ContentDigest.Of("x"u8).ToString())], []).Write(Path.Combine(State, "commit.journal"));
        CommitJournal.Recover(Output, temp.Warn).ShouldBe(RecoveryOutcome.NotBuilt);
        Directory.GetFiles(temp.Root, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void A_linked_state_folder_is_refused()
    {
        Directory.CreateDirectory(Output);
        Directory.CreateDirectory(temp["elsewhere"]);
        File.WriteAllText(temp["elsewhere", ".a.tmp"], "not ours");
        Directory.CreateSymbolicLink(State, temp["elsewhere"]);
        Should.Throw<DatasetException>(() => CommitJournal.Begin(Output)).Diagnostic.Code.ShouldBe(CacheCodes.UnsafePath);
        CommitJournal.Recover(Output).ShouldBe(RecoveryOutcome.Clean);
        File.Exists(temp["elsewhere", ".a.tmp"]).ShouldBeTrue();
    }

    [Fact]
    public void One_build_at_a_time_holds_a_folder()
    {
        using (CommitJournal.Begin(Output))
        {
            Should.Throw<DatasetException>(() => CommitJournal.Begin(Output, wait: TimeSpan.Zero)).Diagnostic.Code.ShouldBe(CacheCodes.OutputFolderBusy);
        }

        CommitJournal.Begin(Output, wait: TimeSpan.Zero).Dispose();
    }

    [Fact]
    public void A_start_does_not_remove_the_temporaries_of_a_live_build()
    {
        WriteOld();
        using (var journal = CommitJournal.Begin(Output))
        {
            Write(journal, CommitJournal.ManifestName, "new manifest");
            CommitJournal.Recover(Output).ShouldBe(RecoveryOutcome.Clean);
            journal.Commit();
        }

        Files()[CommitJournal.ManifestName].ShouldBe("new manifest");
    }

    [Fact]
    public void Builds_that_commit_at_the_same_time_leave_the_set_of_one_of_them()
    {
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var journal = CommitJournal.Begin(Output);
            Write(journal, "a", $"{i}");
            Write(journal, "b", $"{i}");
            Write(journal, CommitJournal.ManifestName, $"{i}");
            journal.Commit();
        });
        Files().Values.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var journal = CommitJournal.Begin(Output);
        using var open = journal.Create("a");
        Should.Throw<ArgumentException>(() => journal.Create("a"));
        Should.Throw<ArgumentException>(() => journal.Delete("a"));
        Should.Throw<InvalidOperationException>(() => journal.Commit());
        open.Dispose();
        Should.Throw<InvalidOperationException>(() => journal.Commit());
        Write(journal, CommitJournal.ManifestName, "m");
        journal.Commit();
        Should.Throw<ObjectDisposedException>(() => journal.Create("c"));
    }

    private void WriteOld()
    {
        if (Directory.Exists(Output))
        {
            Directory.Delete(Output, recursive: true);
        }

        foreach (var (name, text) in Old)
        {
            var path = Path.Combine(Output, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    /// <summary>Commits the new set; false when it was killed on the way.</summary>
    private bool CommitNew(Action<string>? step)
    {
        CommitJournal? journal = null;
        try
        {
            journal = CommitJournal.Begin(Output, temp.Warn, step);
            foreach (var (name, text) in New.Where(file => file.Value != "stays"))
            {
                Write(journal, name, text);
            }

            journal.Delete("gone/2.jsonl");
            journal.Delete("never/was.jsonl");
            journal.Commit();
            journal.Dispose();
            return true;
        }
        catch (Killed)
        {
            journal!.Abandon();
            return false;
        }
        catch (DatasetException)
        {
            journal?.Dispose();
            throw;
        }
    }

    private void KillAt(string name) => CommitNew(step =>
    {
        if (step == name)
        {
            throw new Killed();
        }
    }).ShouldBeFalse();

    private static Action<string> Killer(int at)
    {
        var count = 0;
        return _ =>
        {
            if (count++ == at)
            {
                throw new Killed();
            }
        };
    }

    private static void Write(CommitJournal journal, string name, string text)
    {
        using var file = journal.Create(name);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }

    private Dictionary<string, string> Files() => Directory.GetFiles(Output, "*", SearchOption.AllDirectories)
        .ToDictionary(path => Path.GetRelativePath(Output, path).Replace('\\', '/'), File.ReadAllText);

    private sealed class Killed : Exception;
}
