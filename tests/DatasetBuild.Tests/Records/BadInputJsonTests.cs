using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>
/// JSON is what RFC 8259 says it is, inside a record and as a record: what follows the grammar is never called invalid JSON, and what does not is refused at its place.
/// </summary>
public sealed class BadInputJsonTests
{
    private const string Good = """{"prompt":"a","completion":"b"}""";

    /// <summary>Values by the sections of the grammar: literals, numbers, strings, arrays, objects, white space.</summary>
    public static TheoryData<string> Values =>
    [
        "true", "false", "null",
        "0", "-0", "7", "-12", "10", "0.5", "-0.25", "1e5", "1E5", "1e+5", "1e-5", "2.50E-010", "1e400", "-1e-400", "123456789012345678901234567890",
        "\"\"", "\"a\"", """
        "\" \\ \/ \b \f \n \r \t \u0041 \u00e9 \u20AC \ud83d\ude00 \u0000"
        """, "\"é€😀\"", "\"\u007f \u0085 \u2028 \u2029 \ufeff \uffff\"", "\"/*\"", "\"'\"",
        "[]", "[ ]", "[1]", "[1,2]", "[[],[[]],{}]", "[null,\"a\",{\"b\":[]}]",
        "{}", "{ }", "{\"\":0}", "{\"a\":{\"a\":{\"a\":[]}}}", "{\"a\":1,\"a\":2}", "{\"\\u0061\":1,\"b\":\"\"}",
        " 1 ", "\t[\t1\t,\t2\t]\t", "{ \"a\" :\r 1 }",
    ];

    /// <summary>What looks like a value and is none.</summary>
    public static TheoryData<string> Others =>
    [
        "True", "nul", "nulll", "undefined", "NaN", "Infinity", "-Infinity", "TRUE",
        "+1", "01", "-01", "-", "--1", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e1.5", "0x10", "1_000", "1 2", "1,000", "０", "1e٣",
        "'a'", "\"a", "a\"", "\"\\x41\"", "\"\\u12\"", "\"\\u00G0\"", "\"\\U0041\"", "\"\\'\"", "\"\\\"", "\"a\tb\"", "\"a\u0000b\"", "\"a\u001fb\"", "\"a\"b", "\"a\" \"b\"", "“a”",
        "[", "]", "[1", "1]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1]]", "[1}", "[\"a\":1]", "(1)",
        "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1]", "{\"a\":1}}", "{[]:1}",
        "", "/* 1 */ 1", "1 // one", "# 1", "\u00a01", "\u000b1", "\f1", "\ufeff1", "\u200b1", "\u00001", "1\u0000", "@", "*", "\\u0031", "$(X)", "<a/>", "---",
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_of_the_grammar_may_stand_in_a_field_that_nobody_reads(string value)
    {
        var record = $$"""{"x":{{value}},"prompt":"a","completion":"b"}""";

        Reading.Key(record).ShouldBe(Reading.Key(Good));
        Reading.Of($"[{record} , {Good}]").Count.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void As_a_record_it_is_no_known_dialect_but_never_invalid_JSON(string value)
    {
        foreach (var shard in (string[])[value, $"[{value}]"])
        {
            Reading.Of(shard).Invalid.ShouldAllBe(error => error.Code != DataCodes.InvalidJson && error.Code != DataCodes.InvalidUtf8, shard);
        }
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void What_is_no_value_is_refused_inside_a_record_at_a_place_behind_its_beginning(string text)
    {
        var record = $$"""{"x":{{text}},"prompt":"a","completion":"b"}""";

        var index = Reading.Of($"{Good}\n{record}\n{Good}\n");

        index.Lines.ShouldBe([1, 3]);
        var error = index.Invalid.ShouldHaveSingleItem();
        (error.Code, error.Line).ShouldBe((DataCodes.InvalidJson, 2), error.Message);
        error.Column.ShouldBeInRange(6, record.EnumerateRunes().Count() + 1);
        Remedies.ShouldContain(remedy => error.Message.EndsWith(remedy, StringComparison.Ordinal), error.Message);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void It_is_refused_as_a_shard_too(string text)
    {
        // An empty shard is one of no records: JSON Lines have as many values as lines. A byte order mark in front of a text is passed over.
        if (text.Length == 0 || text[0] == '\ufeff')
        {
            return;
        }

        var index = Reading.Of(text);

        index.Count.ShouldBe(0);
        index.Invalid.ShouldContain(error => error.Code == DataCodes.InvalidJson, text);
        index.Invalid.ShouldAllBe(error => error.Line >= 1 && error.Column >= 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\n\n")]
    [InlineData("\ufeff")]
    [InlineData("[]")]
    [InlineData(" [ ] \n")]
    public void A_shard_without_records_is_one_of_none(string text)
    {
        var index = Reading.Of(text);

        (index.Count, index.Invalid.Count).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })] // a continuation of nothing
    [InlineData(new byte[] { 0xc0, 0xaf })] // an overlong slash
    [InlineData(new byte[] { 0xe0, 0x80, 0xaf })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })] // half of a surrogate pair
    [InlineData(new byte[] { 0xf4, 0x90, 0x80, 0x80 })] // above the last code point
    [InlineData(new byte[] { 0xf8, 0x88, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xe2, 0x82 })] // cut off
    [InlineData(new byte[] { 0xff })]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_stand(byte[] bytes)
    {
        foreach (var (before, after) in (ReadOnlySpan<(string, string)>)[("{\"prompt\":\"ä", "\",\"completion\":\"b\"}"), ("{\"x", "\":1,\"prompt\":\"a\",\"completion\":\"b\"}")])
        {
            var error = Reading.Of([.. Encoding.UTF8.GetBytes(before), .. bytes, .. Encoding.UTF8.GetBytes(after)]).Invalid.ShouldHaveSingleItem();

            (error.Code, error.Line, error.Column).ShouldBe((DataCodes.InvalidUtf8, 1, before.Length + 1));
        }
    }

    /// <summary>Whatever the bytes, reading them ends, and each mistake has a place.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_bytes_make_the_reader_fail(int seed)
    {
        var random = new Random(seed);
        string[] pieces = [.. Values.Select(row => row.Data), .. Others.Select(row => row.Data), Good, "[", "]", "{", "}", ",", ":", "\n", "\"", "\\", "\ud83d"];
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
            var bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > 0 && random.Next(3) == 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (!bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            {
                Reading.Of(bytes).Invalid.ShouldAllBe(error => error.Line >= 1 && error.Column >= 1 && error.Message.Length > 0);
            }
        }
    }

    private static readonly string[] Remedies =
    [
        "Mend the record.",
        "mend it, or get the file again.",
        "take out what is deeper.",
    ];
}
