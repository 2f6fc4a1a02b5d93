using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>The same records give the same keys, however they lie in the file.</summary>
public sealed class ContainerTests
{
    private const string One = """{"prompt":"a","completion":"é"}""";
    private const string Two = """{"prompt":"b","completion":"\n\""}""";
    private const string Three = """{"prompt":"c]}","completion":"[{,"}""";

    private static readonly RecordKey[] Expected = [Reading.Key(One), Reading.Key(Two), Reading.Key(Three)];

    public static TheoryData<string, string> Layouts => new()
    {
        { "lines", $"{One}\n{Two}\n{Three}\n" },
        { "the last line has no line end", $"{One}\n{Two}\n{Three}" },
        { "CRLF", $"{One}\r\n{Two}\r\n{Three}\r\n" },
        { "blank lines between", $"\n\n{One}\n\n  \t\n{Two}\n\r\n{Three}\n\n" },
        { "white space around", $"  {One}\t\n \t{Two} \n{Three}   " },
        { "a byte order mark", $"\ufeff{One}\n{Two}\n{Three}\n" },
        { "an array on one line", $"[{One},{Two},{Three}]" },
        { "an array on one line, with line end", $"[{One}, {Two} ,{Three} ]\n" },
        { "a pretty array", $"[\n  {One},\n  {Two},\n  {Three}\n]\n" },
        { "a pretty array with a byte order mark and CRLF", $"\ufeff[\r\n  {One},\r\n  {Two},\r\n  {Three}\r\n]\r\n" },
        { "an array of one record a line", $"[{One}\n,{Two}\n,{Three}]" },
        { "an array behind blank lines", $"\n \n[{One},{Two},{Three}]" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_layout_changes_no_key(string layout, string text)
    {
        layout.ShouldNotBeEmpty();
        var bytes = Encoding.UTF8.GetBytes(text);

        foreach (var name in (string[])["shard.jsonl", "shard.json", "shard.jsonl.gz", "shard"])
        {
            Read(bytes, name);
        }

        Read(Reading.Gzip(bytes), "shard.jsonl.gz");
        Read(Reading.Gzip(bytes), "without-suffix");
        var half = bytes.Length / 2;
        Read([.. Reading.Gzip(bytes.AsSpan(0, half)), .. Reading.Gzip(bytes.AsSpan(half))], "two-members.jsonl.gz");
        Read([.. Reading.Gzip(bytes.AsSpan(0, 0)), .. Reading.Gzip(bytes), .. Reading.Gzip(bytes.AsSpan(0, 0))], "empty-members.jsonl.gz");

        static void Read(byte[] bytes, string name)
        {
            var index = Reading.Of(bytes, name: name);
            index.Invalid.ShouldBeEmpty();
            index.Keys.ShouldBe(Expected);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(" \t\r\n \n")]
    [InlineData("\ufeff")]
    [InlineData("[]")]
    [InlineData(" [ \n ] \n")]
    public void A_shard_without_records_is_valid(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);

        foreach (var content in (byte[][])[bytes, Reading.Gzip(bytes)])
        {
            var index = Reading.Of(content);
            index.Count.ShouldBe(0);
            index.Invalid.ShouldBeEmpty();
        }
    }

    [Fact]
    public void A_pretty_record_inside_an_array_has_the_key_of_its_line()
    {
        const string pretty = """
            [
              {
                "prompt" : "a" ,
                "completion" : "é"
              }
            ]
            """;

        Reading.Of(pretty).Keys.ShouldBe([Expected[0]]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(300)]
    [InlineData(10_000)]
    public void Gzip_data_that_were_cut_off_are_an_error(int missing)
    {
        var lines = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{\"prompt\":\"{i * 7919L % 100_003}\",\"completion\":\"{i}\"}}\n"));
        var packed = Reading.Gzip(Encoding.UTF8.GetBytes(lines));

        ShouldBeDamaged(packed.AsSpan(0, packed.Length - missing));
        ShouldBeDamaged([.. packed, .. packed[..^missing]]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void A_gzip_file_that_is_hardly_there_is_an_error(int length) =>
        ShouldBeDamaged(Reading.Gzip(Encoding.UTF8.GetBytes(One)).AsSpan(0, length));

    [Fact]
    public void Gzip_data_with_a_changed_bit_are_an_error()
    {
        var packed = Reading.Gzip(Encoding.UTF8.GetBytes($"{One}\n{Two}\n"));
        packed[^5] ^= 1;

        ShouldBeDamaged(packed);
    }

    [Fact]
    public void Something_behind_the_gzip_data_is_an_error() =>
        ShouldBeDamaged([.. Reading.Gzip(Encoding.UTF8.GetBytes(One)), 1, 2, 3]);

    [Fact]
    public void Every_record_knows_its_line_and_its_place()
    {
        var text = $"\ufeff\n{One}\n\n  {Two}\r\n{Three}";
        var bytes = Encoding.UTF8.GetBytes(text);

        var index = Reading.Of(bytes);

        index.Lines.ShouldBe([2, 4, 5]);
        Enumerable.Range(0, 3).Select(i => Encoding.UTF8.GetString(bytes.AsSpan((int)index.Offsets[i], index.Lengths[i]))).ShouldBe([One, Two, Three]);
    }

    /// <summary>No record of it is trusted, and one error stands for all.</summary>
    private static void ShouldBeDamaged(ReadOnlySpan<byte> packed)
    {
        var index = Reading.Of(packed);

        index.Count.ShouldBe(0);
        var damage = index.Invalid.ShouldHaveSingleItem();
        (damage.Code, damage.Line, damage.IsWholeShard).ShouldBe((DataCodes.UnreadableShard, 0, true));
    }
}
