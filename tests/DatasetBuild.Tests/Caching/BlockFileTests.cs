using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public sealed class BlockFileTests : IDisposable
{
    private readonly TemporaryFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131072)]
    [InlineData(300_001)]
    public void What_is_written_is_read(int length)
    {
        var payload = Bytes(length, 1);
        BlockFile.Write(temp["a.blk"], "kind", 3, payload);
        BlockFile.TryRead(temp["a.blk"], "kind", 3, int.MaxValue, out var read, temp.Warn).ShouldBeTrue();
        using (read)
        {
            read.Length.ShouldBe(length);
            read.Span.SequenceEqual(payload).ShouldBeTrue();
        }

        var memory = new byte[length + 5];
        BlockFile.TryRead(temp["a.blk"], "kind", 3, memory, out var filled, temp.Warn).ShouldBeTrue();
        memory.AsSpan(0, filled).SequenceEqual(payload).ShouldBeTrue();
        temp.Diagnostics.ShouldBeEmpty();
        Directory.GetFiles(temp.Root).ShouldBe([temp["a.blk"]]);
    }

    [Fact]
    public void Pieces_of_any_size_make_the_same_file_as_one_write()
    {
        var payload = Bytes(500_000, 2);
        BlockFile.Write(temp["whole"], "kind", 1, payload);
        using (var writer = BlockFile.Create(temp["pieces"], "kind", 1))
        {
            var random = new Random(3);
            for (var at = 0; at < payload.Length;)
            {
                var take = Math.Min(payload.Length - at, random.Next(0, 100_000));
                writer.Write(payload.AsSpan(at, take));
                at += take;
                writer.Length.ShouldBe(at);
            }

            writer.Commit();
        }

        File.ReadAllBytes(temp["pieces"]).ShouldBe(File.ReadAllBytes(temp["whole"]));
    }

    [Fact]
    public void Ranges_are_read_without_the_rest()
    {
        var payload = Bytes(400_000, 4);
        BlockFile.Write(temp["a"], "kind", 1, payload);
        BlockFile.TryOpen(temp["a"], "kind", 1, out var reader, temp.Warn).ShouldBeTrue();
        using (reader)
        {
            var random = new Random(5);
            for (var i = 0; i < 300; i++)
            {
                var at = random.Next(payload.Length + 1);
                var range = new byte[random.Next(payload.Length - at + 1)];
                reader.TryRead(at, range).ShouldBeTrue();
                range.AsSpan().SequenceEqual(payload.AsSpan(at, range.Length)).ShouldBeTrue();
            }

            reader.TryRead(399_999, new byte[2]).ShouldBeFalse();
            reader.TryRead(-1, new byte[2]).ShouldBeFalse();
            reader.TryRead(long.MaxValue, new byte[2]).ShouldBeFalse();
        }
    }

    [Fact]
    public void Damage_in_one_block_leaves_the_others_readable()
    {
        var payload = Bytes(300_000, 6);
        BlockFile.Write(temp["a"], "kind", 1, payload);
        Flip(temp["a"], 64 + 65536 + 17, 3);
        BlockFile.TryOpen(temp["a"], "kind", 1, out var reader, temp.Warn).ShouldBeTrue();
        using (reader)
        {
            reader.TryRead(0, new byte[65536]).ShouldBeTrue();
            reader.TryRead(65530, new byte[10]).ShouldBeFalse();
            reader.TryRead(65536, new byte[1]).ShouldBeFalse();
            reader.TryRead(131072, new byte[300_000 - 131072]).ShouldBeTrue();
        }

        temp.Codes.ShouldBe([CacheCodes.DamagedFile]);
    }

    [Fact]
    public void No_flipped_bit_passes()
    {
        var payload = Bytes(150_000, 7);
        BlockFile.Write(temp["a"], "kind", 1, payload);
        var bytes = File.ReadAllBytes(temp["a"]);
        var random = new Random(8);
        foreach (var at in Enumerable.Range(0, 64).Concat(Enumerable.Range(bytes.Length - 24, 24)).Concat(Enumerable.Range(0, 100).Select(_ => random.Next(bytes.Length))))
        {
            var bad = (byte[])bytes.Clone();
            bad[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(temp["b"], bad);
            BlockFile.TryRead(temp["b"], "kind", 1, int.MaxValue, out _).ShouldBeFalse($"a bit at {at}");
        }
    }

    [Fact]
    public void No_truncated_or_lengthened_file_passes()
    {
        BlockFile.Write(temp["a"], "kind", 1, Bytes(70_000, 9));
        var bytes = File.ReadAllBytes(temp["a"]);
        var random = new Random(10);
        foreach (var length in Enumerable.Range(0, 130).Concat(Enumerable.Range(0, 50).Select(_ => random.Next(bytes.Length))).Append(bytes.Length - 1))
        {
            File.WriteAllBytes(temp["b"], bytes[..length]);
            BlockFile.TryRead(temp["b"], "kind", 1, int.MaxValue, out _).ShouldBeFalse($"{length} bytes");
        }

        File.WriteAllBytes(temp["b"], [.. bytes, 0]);
        BlockFile.TryRead(temp["b"], "kind", 1, int.MaxValue, out _).ShouldBeFalse();
    }

    [Fact]
    public void Another_kind_version_or_a_missing_file_is_a_plain_miss()
    {
        BlockFile.Write(temp["a"], "kind", 1, [1, 2, 3]);
        BlockFile.TryRead(temp["a"], "other", 1, 100, out _, temp.Warn).ShouldBeFalse();
        BlockFile.TryRead(temp["a"], "kind", 2, 100, out _, temp.Warn).ShouldBeFalse();
        BlockFile.TryRead(temp["a"], "kind", 1, 2, out _, temp.Warn).ShouldBeFalse();
        BlockFile.TryRead(temp["b"], "kind", 1, 100, out _, temp.Warn).ShouldBeFalse();
        BlockFile.TryRead(temp.Root, "kind", 1, 100, out _, temp.Warn).ShouldBeFalse();
        temp.Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void A_header_with_a_true_checksum_and_a_gigantic_length_allocates_nothing()
    {
        var header = new byte[64];
        new BlockHeader(BlockHeader.KindOf("kind"), 1, BlockFile.MaxLength, 0).Write(header);
        File.WriteAllBytes(temp["a"], header);
        var before = GC.GetAllocatedBytesForCurrentThread();
        BlockFile.TryRead(temp["a"], "kind", 1, int.MaxValue, out _, temp.Warn).ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
        temp.Codes.ShouldBe([CacheCodes.DamagedFile]);
    }

    [Fact]
    public void Nothing_remains_of_a_file_that_is_not_committed()
    {
        BlockFile.Write(temp["a"], "kind", 1, [1]);
        using (var writer = BlockFile.Create(temp["a"], "kind", 1))
        {
            writer.Write(Bytes(100_000, 11));
        }

        Directory.GetFiles(temp.Root).ShouldBe([temp["a"]]);
        BlockFile.TryRead(temp["a"], "kind", 1, 10, out var read).ShouldBeTrue();
        read.Dispose();
    }

    [Fact]
    public void A_pipe_under_the_name_does_not_block()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("No pipes in folders.");
        }

        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", temp["a"]);
        mkfifo.WaitForExit();
        BlockFile.TryRead(temp["a"], "kind", 1, 10, out _).ShouldBeFalse();
    }

    internal static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static void Flip(string path, long at, int bit)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ (1 << bit)));
    }
}
