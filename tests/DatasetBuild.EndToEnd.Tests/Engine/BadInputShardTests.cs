using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>Shards that are no good as files: damaged gzip data, bombs, and what is no file at all.</summary>
public sealed class BadInputShardTests
{
    private const int Giant = 300;

    [Theory]
    [InlineData("cut off")]
    [InlineData("without its last byte")]
    [InlineData("a header alone")]
    [InlineData("a wrong checksum")]
    [InlineData("a wrong length")]
    [InlineData("something behind it")]
    [InlineData("a second member that is cut off")]
    public void Damaged_gzip_data_are_one_error_and_nothing_changes(string damage)
    {
        using var input = new BadInput();
        var packed = Pack(Encoding.UTF8.GetBytes(string.Concat(Messages.Counting("lakes", 400).Select(line => line + "\n"))));
        var damaged = damage switch
        {
            "cut off" => packed[..(packed.Length / 2)],
            "without its last byte" => packed[..^1],
            "a header alone" => packed[..10],
            "a wrong checksum" => [.. packed[..^6], (byte)~packed[^6], .. packed[^5..]],
            "a wrong length" => [.. packed[..^1], (byte)~packed[^1]],
            "something behind it" => [.. packed, .. "garbage"u8],
            _ => [.. packed, .. packed[..^9]],
        };

        input.ShouldBeRefused(bad => bad.WithBadShard(damaged)).ShouldSatisfyAllConditions(
            error => error.Place.ShouldBe(("DSB1013", input.BadShard, 0, 0)),
            error => error.Message.ShouldContain("Get the file again"));

        // No record of it can be trusted: it is set aside as a whole, and nothing else.
        input.Project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        for (var build = 0; build < 2; build++)
        {
            var output = input.Project.Run().ShouldSucceed();
            output.Warnings().ShouldHaveSingleItem().Message.ShouldStartWith("the whole shard 'data/bad.jsonl' cannot be read and is set aside");
            output.Events[^1].GetProperty("kept").GetInt32().ShouldBe(BadInput.Good);
        }

        File.ReadAllLines(Path.Combine(input.Project.ReportPath, "quarantine.jsonl")).ShouldHaveSingleItem().ShouldContain("DSB1013");
    }

    [Fact]
    public void A_damaged_shard_does_not_hide_what_is_wrong_with_another()
    {
        using var input = new BadInput();
        input.WithBadShard(Pack(Line("x"))[..^1]);
        input.Project.WriteShard("worse.jsonl", ["{"]);

        var output = input.Project.Run();

        output.ExitCode.ShouldBe(1);
        output.Errors().Select(error => error.Code).Order(StringComparer.Ordinal).ShouldBe(["DSB1001", "DSB1013"]);
    }

    [Fact]
    public void Members_of_gzip_one_behind_the_other_are_one_shard()
    {
        using var input = new BadInput();
        input.WithBadShard([.. Pack(Line("x")), .. Pack(Line("y")), .. Pack([]), .. Pack(Line("z"))]);

        input.Project.Run().ShouldSucceed().Events[^1].GetProperty("records").GetInt32().ShouldBe(BadInput.Good + 3);
    }

    /// <summary>
    /// The collector is given less than the record is long, and a little more than the limit: who holds it as a whole, or reads on without a limit, runs out of memory.
    /// </summary>
    [Theory]
    [InlineData("{\"prompt\":\"", "\",\"completion\":\"b\"}\n", false)]
    [InlineData("{\"prompt\":\"", "\",\"completion\":\"b\"}\n", true)]
    [InlineData("[{\"prompt\":\"", "\",\"completion\":\"b\"}]\n", false)]
    [InlineData("[{\"prompt\":\"", "\",\"completion\":\"b\"}]\n", true)]
    [InlineData("", "", true)]
    [InlineData("[", "]", true)]
    [InlineData("[\"", "\"]", true)]
    public void A_record_of_300_MB_does_not_cost_300_MB(string before, string after, bool packed)
    {
        using var input = new BadInput();
        input.Project.Run().ShouldSucceed();
        var subset = input.Project.OutputBytes();
        WriteGiant(input.BadShard, before, after, packed);

        var output = input.Project.Run(new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = (160 << 20).ToString("x", null) });

        output.ExitCode.ShouldBe(1, output.Text);
        output.Errors().ShouldHaveSingleItem().Place.ShouldBe(("DSB1010", input.BadShard, 1, before.StartsWith('[') ? 2 : 1));
        input.Project.OutputBytes().ShouldBe(subset);
    }

    [Theory]
    [InlineData("pipe", "no regular file")]
    [InlineData("device", "no regular file")]
    [InlineData("folder", "a folder")]
    [InlineData("broken link", "leads nowhere")]
    [InlineData("circle of links", "leads nowhere")]
    [InlineData("nothing", "does not exist")]
    public void What_is_no_file_is_named_and_not_waited_for(string what, string words)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no pipes or devices in folders");
        using var input = new BadInput();

        var error = input.ShouldBeRefused(bad => bad.Project.ExtraShards.Add(Make(bad, what)));

        error.Place.ShouldBe(("DSB1013", Path.Combine(input.Project.Folder, "strange.jsonl"), 0, 0));
        error.Message.ShouldContain(words);
        error.Message.ShouldContain("Mend the path");
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("device")]
    [InlineData("folder")]
    [InlineData("nothing")]
    public void So_is_what_stands_where_a_tokenizer_or_a_score_file_should_be(string what)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no pipes or devices in folders");
        using var tokens = new BadInput(("Kind", "TokenLength"), ("Tokenizer", "strange.jsonl"), ("Min", "1"));
        using var scores = new BadInput(("Kind", "ScoreFile"), ("File", "strange.jsonl"), ("Min", "1"));
        foreach (var input in (BadInput[])[tokens, scores])
        {
            Make(input, what);

            var output = input.Project.Run();

            output.ExitCode.ShouldBe(2, output.Text);
            output.Errors().ShouldHaveSingleItem().Code.ShouldBe("DSB2010");
            Directory.Exists(input.Project.OutputPath).ShouldBeFalse();
        }
    }

    private static string Make(BadInput input, string what)
    {
        var path = Path.Combine(input.Project.Folder, "strange.jsonl");
        switch (what)
        {
            case "pipe":
                using (var mkfifo = Process.Start("mkfifo", [path]))
                {
                    mkfifo.WaitForExit();
                    mkfifo.ExitCode.ShouldBe(0);
                }

                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "broken link":
                File.CreateSymbolicLink(path, "nowhere");
                break;
            case "circle of links":
                File.CreateSymbolicLink(path, "strange.jsonl");
                break;
        }

        return path;
    }

    private static void WriteGiant(string path, string before, string after, bool packed)
    {
        using Stream file = packed ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        file.Write(Encoding.ASCII.GetBytes(before));
        var block = new byte[1 << 20];
        block.AsSpan().Fill((byte)'x');
        for (var i = 0; i < Giant; i++)
        {
            file.Write(block);
        }

        file.Write(Encoding.ASCII.GetBytes(after));
    }

    private static byte[] Line(string word) => Encoding.UTF8.GetBytes(Messages.Chat("Say it.", word) + "\n");

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
