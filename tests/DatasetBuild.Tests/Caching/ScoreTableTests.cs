using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Caching;

public sealed class ScoreTableTests : IDisposable
{
    private static readonly ScorerIdentity Identity = ScorerIdentity.Of(("name", "test"), ("version", "1"));
    private readonly TemporaryFolder temp = new();
    private readonly ManualTime time = new();

    public void Dispose() => temp.Dispose();

    private string Folder => temp["cache", "scores", Identity.Folder];

    private string[] Segments => Directory.GetFiles(Folder, "*.seg");

    private string[] Logs => Directory.GetFiles(Folder, "*.log");

    private ScoreTable Open(int width = 8) => new ScoreStore(temp["cache"], temp.Warn, time).Open(Identity, width);

    [Fact]
    public void What_is_appended_is_found_at_once_after_sealing_and_in_the_next_build()
    {
        using (var table = Open())
        {
            Append(table, 100, 5, 1, 50);
            AppendReason(table, 7, 42);
            Read(table, 1, 5, 6, 7, 50, 100).ShouldBe(["1", "5", "-", "!42", "50", "100"]);
            table.Seal();
            Read(table, 1, 5, 6, 7, 50, 100).ShouldBe(["1", "5", "-", "!42", "50", "100"]);
        }

        using (var table = Open())
        {
            Read(table, 1, 5, 6, 7, 50, 100).ShouldBe(["1", "5", "-", "!42", "50", "100"]);
        }

        Logs.ShouldBeEmpty();
        Segments.Length.ShouldBe(1);
        File.ReadAllText(Path.Combine(Folder, "identity.txt")).ShouldBe("name=test\nversion=1\n");
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_killed_process_loses_nothing_that_was_appended()
    {
        var table = Open();
        Append(table, 3, 1, 2);
        Append(table, 9);
        table.Abandon();
        using var next = Open();
        Read(next, 1, 2, 3, 4, 9).ShouldBe(["1", "2", "3", "-", "9"]);
        Logs.ShouldBeEmpty();
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_build_that_needs_none_of_a_killed_one_s_scores_takes_them_over_too()
    {
        var store = new ScoreStore(temp["cache"], temp.Warn, time);
        store.TakeOver(Identity, 8); // nothing is there, and nothing is made
        Directory.Exists(Folder).ShouldBeFalse();
        var table = Open();
        Append(table, 3);
        store.TakeOver(Identity, 8);
        Logs.Length.ShouldBe(1, "its process is alive");
        table.Abandon();

        store.TakeOver(Identity, 8);

        Logs.ShouldBeEmpty();
        using var next = Open();
        Read(next, 3).ShouldBe(["3"]);
    }

    [Fact]
    public void A_log_torn_at_any_byte_serves_its_whole_frames()
    {
        var table = Open();
        Append(table, 1, 2);
        var first = new FileInfo(Logs[0]).Length;
        Append(table, 3);
        table.Abandon();
        var path = Logs[0];
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length <= bytes.Length; length++)
        {
            Directory.Delete(Folder, true);
            Directory.CreateDirectory(Folder);
            File.WriteAllBytes(path, bytes[..length]);
            using var next = Open();
            Read(next, 1, 2, 3).ShouldBe([length >= first ? "1" : "-", length >= first ? "2" : "-", length == bytes.Length ? "3" : "-"], $"{length} bytes");
            Logs.ShouldBeEmpty();
        }

        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_frame_is_left_out_and_the_frames_after_it_are_not()
    {
        var table = Open();
        Append(table, 1);
        var first = new FileInfo(Logs[0]).Length;
        Append(table, 2);
        Append(table, 3);
        table.Abandon();
        BlockFileTests.Flip(Logs[0], first + 40, 2);
        using var next = Open();
        Read(next, 1, 2, 3).ShouldBe(["1", "-", "3"]);
        temp.Codes.ShouldBe([CacheCodes.DamagedScores]);
    }

    [Fact]
    public void The_log_of_a_live_process_is_left_alone()
    {
        using var first = Open();
        Append(first, 1);
        using (var second = Open())
        {
            Read(second, 1).ShouldBe(["-"]);
            Append(second, 2);
        }

        Logs.Length.ShouldBe(1);
        first.Seal();
        using var third = Open();
        Read(third, 1, 2).ShouldBe(["1", "2"]);
    }

    [Fact]
    public void A_log_that_is_taken_from_under_a_live_process_costs_nothing_in_the_end()
    {
        // On a file system without locks another build takes every log for a dead one's.
        var twin = new ScoreStore(temp["twin"], temp.Warn, time).Open(Identity, 8);
        Append(twin, 1);
        twin.Abandon();
        using (var table = Open())
        {
            Append(table, 1);
            var path = Logs[0];
            File.Delete(path);
            File.Move(Directory.GetFiles(temp["twin"], "*.log", SearchOption.AllDirectories).Single(), path);
            Open().Dispose();
            Append(table, 2);
        }

        using var next = Open();
        Read(next, 1, 2).ShouldBe(["1", "2"]);
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_log_seals_itself_before_it_grows_without_bound()
    {
        using var table = Open(width: 256);
        var keys = Enumerable.Range(0, 100_000).Select(Key).ToArray();
        var values = new byte[256 * keys.Length];
        var states = Enumerable.Repeat((byte)1, keys.Length).ToArray();
        for (var batch = 0; batch < 3; batch++)
        {
            table.Append([.. keys.Select(key => key with { Low = key.Low + ((ulong)batch << 50) })], values, states);
        }

        table.SegmentCount.ShouldBe(1);
        Logs.Length.ShouldBe(0);
        table.Append(keys.AsSpan(0, 1), values.AsSpan(0, 256), [1]);
        Logs.Length.ShouldBe(1);
        var found = new byte[keys.Length];
        table.Lookup(keys, values, found);
        found.ShouldAllBe(state => state == 1);
    }

    [Fact]
    public void Two_values_for_one_key_are_no_value_until_it_is_scored_again()
    {
        using (var first = Open())
        using (var second = Open())
        {
            Append(first, 1, 2, 3);
            Set(second, 2, 99);
            Append(second, 3);
        }

        using (var table = Open())
        {
            Read(table, 1, 2, 3).ShouldBe(["1", "-", "3"]);
            Read(table, 1, 2, 3).ShouldBe(["1", "-", "3"]);
            temp.Codes.ShouldBe([CacheCodes.ConflictingScores]);
            Set(table, 2, 7);
            Append(table, 4);
            Read(table, 1, 2, 3, 4).ShouldBe(["1", "7", "3", "4"]);
            table.Seal();
            Read(table, 1, 2, 3, 4).ShouldBe(["1", "7", "3", "4"]);
        }

        time.Advance(TimeSpan.FromHours(1));
        using var last = Open();
        Read(last, 1, 2, 3, 4).ShouldBe(["1", "7", "3", "4"]);
        temp.Codes.ShouldBe([CacheCodes.ConflictingScores]);
        Segments.Length.ShouldBe(1);
    }

    [Fact]
    public void What_a_merge_replaced_does_not_come_back_when_the_merge_is_merged_and_deleted()
    {
        using (var table = Open())
        {
            Append(table, 1);
            Set(table, 1, 99);
            Read(table, 1).ShouldBe(["-"]);
            Set(table, 1, 7);
            table.Seal();
        }

        string first;
        using (var table = Open())
        {
            Set(table, 1, 8);
            first = Segments.Single();
            table.Seal();
            Read(table, 1).ShouldBe(["-"]);
            Set(table, 1, 9);
            table.Seal();
            var middle = Segments.Except([first]).ToArray();
            Set(table, 1, 10);
            Read(table, 1).ShouldBe(["-"]);
            Set(table, 1, 11);
            table.Seal();
            foreach (var path in middle)
            {
                // What the sweep of a build that was killed halfway could leave.
                File.Delete(path);
            }
        }

        File.Exists(first).ShouldBeTrue();
        using var next = Open();
        Read(next, 1).ShouldBe(["11"]);
    }

    [Fact]
    public void The_answer_to_a_conflict_survives_a_kill()
    {
        using (var table = Open())
        {
            Append(table, 1, 2);
            Set(table, 2, 99);
        }

        var killed = Open();
        Read(killed, 1, 2).ShouldBe(["1", "-"]);
        Append(killed, 5);
        Set(killed, 2, 7);
        killed.Abandon();
        using var next = Open();
        Read(next, 1, 2, 5).ShouldBe(["1", "7", "5"]);
    }

    [Fact]
    public void A_value_and_a_reason_for_one_key_conflict_as_two_values_do()
    {
        using var table = Open();
        Append(table, 1, 2);
        AppendReason(table, 2, 3);
        Read(table, 1, 2).ShouldBe(["1", "-"]);
        table.Seal();
        Read(table, 1, 2).ShouldBe(["1", "-"]);
        AppendReason(table, 2, 3);
        table.Seal();
        Read(table, 1, 2).ShouldBe(["1", "!3"]);
        temp.Codes.ShouldBe([CacheCodes.ConflictingScores]);
    }

    [Fact]
    public void Value_bytes_of_a_missing_entry_do_not_matter()
    {
        using var table = Open();
        table.Append([Key(1)], [1, 2, 3, 4, 5, 6, 7, 8], [5]);
        table.Append([Key(1)], [8, 7, 6, 5, 4, 3, 2, 1], [5]);
        Read(table, 1).ShouldBe(["!5"]);
    }

    [Fact]
    public void Many_small_builds_leave_few_segments_and_do_not_rewrite_the_large_one()
    {
        using (var table = Open())
        {
            Append(table, [.. Enumerable.Range(0, 20_000)]);
        }

        var large = Segments[0];
        for (var build = 0; build < 40; build++)
        {
            time.Advance(TimeSpan.FromMinutes(11));
            using var table = Open();
            Append(table, 100_000 + build);
            table.Seal();
            table.SegmentCount.ShouldBeLessThanOrEqualTo(ScoreTable.MaxSegments);
        }

        File.Exists(large).ShouldBeTrue();
        time.Advance(TimeSpan.FromMinutes(11));
        using var last = Open();
        Segments.Length.ShouldBeLessThanOrEqualTo(ScoreTable.MaxSegments);
        Read(last, [17, .. Enumerable.Range(100_000, 41)]).ShouldBe(["17", .. Enumerable.Range(100_000, 40).Select(i => $"{i}"), "-"]);
    }

    [Fact]
    public void Inputs_of_a_merge_stay_for_a_grace_time_and_do_not_count()
    {
        for (var build = 0; build <= ScoreTable.MaxSegments; build++)
        {
            using var table = Open();
            Append(table, build);
            table.Seal();
        }

        Segments.Length.ShouldBe(ScoreTable.MaxSegments + 2);
        using (var table = Open())
        {
            table.SegmentCount.ShouldBe(1);
            Segments.Length.ShouldBe(ScoreTable.MaxSegments + 2);
        }

        time.Advance(TimeSpan.FromMinutes(11));
        using var last = Open();
        Segments.Length.ShouldBe(1);
        Read(last, [.. Enumerable.Range(0, ScoreTable.MaxSegments + 2)]).ShouldBe([.. Enumerable.Range(0, ScoreTable.MaxSegments + 1).Select(i => $"{i}"), "-"]);
    }

    [Fact]
    public void A_merge_that_proves_invalid_within_the_grace_time_costs_nothing()
    {
        for (var build = 0; build <= ScoreTable.MaxSegments; build++)
        {
            using var table = Open();
            Append(table, build);
            table.Seal();
        }

        var merged = Segments.MaxBy(path => new FileInfo(path).Length)!;
        File.WriteAllBytes(merged, File.ReadAllBytes(merged)[..100]);
        using var next = Open();
        Read(next, 0, 8).ShouldBe(["0", "8"]);
        temp.Codes.ShouldBe([CacheCodes.DamagedScores]);
    }

    [Fact]
    public void A_damaged_block_costs_its_own_entries_only_and_is_gone_after_the_next_seal()
    {
        var keys = Enumerable.Range(0, 20_000).ToArray();
        using (var table = Open())
        {
            Append(table, keys);
        }

        var damaged = Segments[0];
        BlockFileTests.Flip(damaged, 128 + (5000 * 25), 4);
        using (var table = Open())
        {
            var found = Read(table, keys);
            found.Count(value => value == "-").ShouldBe(4096);
            found.Zip(keys).ShouldAllBe(pair => pair.First == "-" || pair.First == $"{pair.Second}");
            temp.Codes.ShouldBe([CacheCodes.DamagedScores]);
            temp.Diagnostics[0].File.ShouldBe(damaged);
            Append(table, [.. keys.Where(key => found[key] == "-")]);
            table.Seal();
            Read(table, keys).ShouldBe(keys.Select(key => $"{key}"));
        }

        temp.Codes.Count().ShouldBe(1);
        using var next = Open();
        Read(next, keys).ShouldBe(keys.Select(key => $"{key}"));
        temp.Codes.Count().ShouldBe(1);
    }

    [Fact]
    public void A_segment_of_another_identity_or_width_is_ignored_with_a_warning()
    {
        using (var other = new ScoreStore(temp["other"], temp.Warn).Open(ScorerIdentity.Of(("name", "other")), 8))
        {
            Append(other, 1);
        }

        using (var wide = Open(width: 16))
        {
            wide.Append([Key(2)], new byte[16], [1]);
        }

        var foreign = Directory.GetFiles(temp["other"], "*.seg", SearchOption.AllDirectories).Single();
        File.Copy(foreign, Path.Combine(Folder, Path.GetFileName(foreign)));
        using var table = Open();
        Read(table, 1, 2).ShouldBe(["-", "-"]);
        temp.Codes.ShouldBe([CacheCodes.ForeignScores, CacheCodes.ForeignScores]);
        table.Seal();
        Segments.Length.ShouldBe(2);
    }

    [Fact]
    public void Whatever_lies_in_the_folder_the_table_opens_and_never_gives_a_wrong_value()
    {
        var keys = Enumerable.Range(0, 3000).ToArray();
        using (var table = Open())
        {
            Append(table, keys);
        }

        var segment = Segments[0];
        var bytes = File.ReadAllBytes(segment);
        var random = new Random(1);
        for (var round = 0; round < 150; round++)
        {
            foreach (var path in Directory.GetFiles(Folder))
            {
                File.Delete(path);
            }

            var bad = (byte[])bytes.Clone();
            switch (round % 3)
            {
                case 0:
                    bad[random.Next(2) == 0 ? random.Next(bad.Length) : random.Next(128)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bad = bad[..random.Next(bad.Length)];
                    break;
                default:
                    random.NextBytes(bad.AsSpan(random.Next(bad.Length)));
                    break;
            }

            File.WriteAllBytes(segment, bad);
            File.WriteAllBytes(Path.Combine(Folder, $"log-{Guid.NewGuid():N}.log"), bad);
            Directory.CreateDirectory(Path.Combine(Folder, $"seg-{Guid.NewGuid():N}.seg"));
            using var table = Open();
            var found = Read(table, keys);
            found.Zip(keys).ShouldAllBe(pair => pair.First == "-" || pair.First == $"{pair.Second}");
            Append(table, [.. keys.Where(key => found[key] == "-")]);
            table.Seal();
            Read(table, keys).ShouldBe(keys.Select(key => $"{key}"));
        }
    }

    [Fact]
    public void A_segment_that_declares_gigantic_sizes_allocates_nothing()
    {
        Open().Dispose();
        var header = new byte[128];
        foreach (var count in new[] { long.MaxValue, long.MinValue, 1L << 40, 5 })
        {
            new SegmentHeader(8, count, ScoreSegment.BlockEntriesOf(8), 4096, 0, Key(1)).Write(header, Identity.Digest);
            File.WriteAllBytes(Path.Combine(Folder, $"seg-{Guid.NewGuid():N}.seg"), header);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        using var table = Open();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
        Read(table, 1).ShouldBe(["-"]);
        temp.Codes.Count(code => code == CacheCodes.DamagedScores).ShouldBe(4);
    }

    [Fact]
    public void A_cache_that_vanishes_while_it_is_open_is_built_anew()
    {
        using var table = Open();
        Append(table, 1, 2);
        table.Seal();
        Directory.Delete(temp["cache"], recursive: true);
        Append(table, 3);
        Read(table, 1, 2, 3).ShouldBe(["1", "2", "3"]);
        table.Seal();
        Read(table, 1, 2, 3).ShouldBe(["-", "-", "3"]);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_serves_this_process_and_warns_once()
    {
        File.WriteAllText(temp["cache"], "a file where the folder should be");
        using (var table = Open())
        {
            Append(table, 1);
            Append(table, 2);
            table.Seal();
            Read(table, 1, 2).ShouldBe(["1", "2"]);
        }

        temp.Codes.ShouldBe([CacheCodes.CannotWrite]);
    }

    [Fact]
    public void Forgetting_drops_the_records_that_are_named_and_no_others()
    {
        using (var table = Open())
        {
            Append(table, 1, 2, 3);
            table.Seal();
            Append(table, 4, 5);
            table.Forget([Key(2), Key(4), Key(9)]);
            Read(table, 1, 2, 3, 4, 5).ShouldBe(["1", "-", "3", "-", "5"]);
            table.CountKeys().ShouldBe(3);
            Append(table, 2);
        }

        using (var table = Open())
        {
            Read(table, 1, 2, 3, 4, 5).ShouldBe(["1", "2", "3", "-", "5"]);
            table.Forget([.. Enumerable.Range(0, 10).Select(Key)]);
            Read(table, 1, 2, 3, 4, 5).ShouldBe(["-", "-", "-", "-", "-"]);
            table.CountKeys().ShouldBe(0);
        }

        using (var table = Open())
        {
            Read(table, 1, 2, 3).ShouldBe(["-", "-", "-"]);
        }

        temp.Codes.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_forgotten_and_scored_to_another_value_is_no_conflict()
    {
        using (var table = Open())
        {
            Append(table, 1, 2);
        }

        using (var table = Open())
        {
            table.Forget([Key(1), Key(2)]);
            Set(table, 1, 77);
        }

        using (var table = Open())
        {
            Read(table, 1, 2).ShouldBe(["77", "-"]);
        }

        temp.Codes.ShouldBeEmpty();
    }

    [Fact]
    public void A_table_that_is_open_for_reading_sees_what_a_build_would_and_changes_nothing()
    {
        using (var table = Open())
        {
            Append(table, 1);
        }

        using var live = Open();
        Append(live, 3);
        var killed = Open();
        Append(killed, 2);
        killed.Abandon();
        var before = Stamps();

        using (var table = new ScoreStore(temp["cache"], temp.Warn, time, isReadOnly: true).Open(Identity, 8))
        {
            Read(table, 1, 2, 3, 4).ShouldBe(["1", "2", "-", "-"], "the log of a live build is its own");
            table.CountKeys().ShouldBe(2);
            Should.Throw<InvalidOperationException>(() => Append(table, 4));
            Should.Throw<InvalidOperationException>(() => table.Forget([]));
        }

        Stamps().ShouldBe(before);

        List<(string, long, DateTime)> Stamps() =>
            [.. Directory.GetFiles(temp["cache"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => (path, new FileInfo(path).Length, File.GetLastWriteTimeUtc(path)))];
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var table = Open();
        Should.Throw<ArgumentException>(() => table.Lookup([Key(2), Key(1)], new byte[16], new byte[2]));
        Should.Throw<ArgumentException>(() => table.Lookup([Key(1), Key(1)], new byte[16], new byte[2]));
        Should.Throw<ArgumentException>(() => table.Lookup([Key(1)], new byte[7], new byte[1]));
        Should.Throw<ArgumentException>(() => table.Append([Key(1)], new byte[8], [0]));
        Should.Throw<ArgumentOutOfRangeException>(() => Open(width: 257));
        Should.Throw<ArgumentOutOfRangeException>(() => Open(width: 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(24)]
    [InlineData(256)]
    public void Values_of_any_width_come_back(int width)
    {
        var keys = Enumerable.Range(0, 9000).Select(Key).ToArray();
        var values = BlockFileTests.Bytes(keys.Length * width, width);
        var states = Enumerable.Repeat((byte)1, keys.Length).ToArray();
        using (var table = Open(width))
        {
            table.Append(keys, values, states);
        }

        using (var table = Open(width))
        {
            var foundValues = new byte[values.Length];
            var foundStates = new byte[states.Length];
            table.Lookup(keys, foundValues, foundStates);
            foundValues.AsSpan().SequenceEqual(values).ShouldBeTrue();
            foundStates.ShouldBe(states);
        }
    }

    [Fact]
    public void Tables_that_share_a_folder_at_the_same_time_agree_in_the_end()
    {
        var threads = Enumerable.Range(0, 6).Select(worker => new Thread(() =>
        {
            var random = new Random(worker);
            for (var build = 0; build < 12; build++)
            {
                var table = Open();
                for (var batch = 0; batch < 3; batch++)
                {
                    Append(table, [.. Enumerable.Range(0, 50).Select(_ => random.Next(2000))]);
                }

                if (random.Next(3) == 0)
                {
                    table.Abandon();
                }
                else
                {
                    table.Seal();
                    table.Dispose();
                }
            }

            using var last = Open();
            Append(last, worker);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        using var table = Open();
        var keys = Enumerable.Range(0, 2000).ToArray();
        Read(table, keys).Zip(keys).ShouldAllBe(pair => pair.First == "-" || pair.First == $"{pair.Second}");
        Read(table, 0, 1, 2, 3, 4, 5).ShouldBe(["0", "1", "2", "3", "4", "5"]);
        var expected = Enumerable.Range(0, 6).SelectMany(worker =>
        {
            var random = new Random(worker);
            var drawn = new HashSet<int>();
            for (var build = 0; build < 12; build++)
            {
                for (var i = 0; i < 150; i++)
                {
                    drawn.Add(random.Next(2000));
                }

                random.Next(3);
            }

            return drawn;
        }).ToHashSet();
        Read(table, keys).Zip(keys).Where(pair => pair.First != "-").Select(pair => pair.Second).ShouldBe(expected.Order());
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void Threads_may_append_to_one_table_while_others_look_up()
    {
        using (var table = Open())
        {
            Parallel.For(0, 200, i =>
            {
                Append(table, [.. Enumerable.Range(i * 10, 10)]);
                Read(table, [.. Enumerable.Range(i * 10, 10)]).ShouldBe(Enumerable.Range(i * 10, 10).Select(key => $"{key}"));
                if (i % 20 == 0)
                {
                    table.Seal();
                }
            });
        }

        using var next = Open();
        Read(next, [.. Enumerable.Range(0, 2000)]).ShouldBe(Enumerable.Range(0, 2000).Select(key => $"{key}"));
    }

    /// <summary>Key i: ascending in i, but neither evenly spaced nor alike in their low halves.</summary>
    internal static RecordKey Key(int i) => new((ulong)(i / 3) * 0x1_0000_0001, ((ulong)(i % 3) << 40) + (ulong)i);

    internal static void Set(ScoreTable table, int key, int value) => table.Append([Key(key)], Value(value), [1]);

    internal static void Append(ScoreTable table, params int[] keys) =>
        table.Append([.. keys.Select(Key)], keys.SelectMany(Value).ToArray(), Enumerable.Repeat((byte)1, keys.Length).ToArray());

    internal static void AppendReason(ScoreTable table, int key, byte reason) => table.Append([Key(key)], new byte[8], [reason]);

    /// <summary>For each key its value, "-" for a miss, "!n" for reason n.</summary>
    internal static List<string> Read(ScoreTable table, params int[] keys)
    {
        var values = new byte[keys.Length * 8];
        var states = new byte[keys.Length];
        table.Lookup(keys.Select(Key).ToArray(), values, states);
        return [.. keys.Select((_, i) => states[i] switch
        {
            0 => "-",
            1 => $"{BinaryPrimitives.ReadInt64LittleEndian(values.AsSpan(8 * i))}",
            var reason => $"!{reason}",
        })];
    }

    private static byte[] Value(int value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
