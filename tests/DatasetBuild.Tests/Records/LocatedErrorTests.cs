using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>Whatever cannot be read says where, with which code, and what to do. Columns count characters from 1.</summary>
public sealed class LocatedErrorTests
{
    private const string Good = """{"prompt":"a","completion":"b"}""";

    /// <summary>The place of each mistake is marked with ¦.</summary>
    public static TheoryData<string, string> Mistakes => new()
    {
        { DataCodes.InvalidJson, """{"prompt":"a" ¦"completion":"b"}""" },
        { DataCodes.InvalidJson, """{"prompt":"äöü€😀" ¦"completion":"b"}""" },
        { DataCodes.InvalidJson, """  {"prompt":"a" ¦"completion":"b"}""" },
        { DataCodes.InvalidJson, """{"prompt":"a","completion":"b"}¦x""" },
        { DataCodes.InvalidJson, """{"prompt":"a","completion":"b"} ¦{}""" },
        { DataCodes.InvalidJson, "{\"prompt\":\"¦\u0000\"}" },
        { DataCodes.InvalidJson, "¦\u0000" },
        { DataCodes.InvalidJson, "{\"prompt\":\"a¦\tb\",\"completion\":\"c\"}" },
        { DataCodes.InvalidJson, """{"prompt":"a","completion":¦""" },
        { DataCodes.InvalidJson, """{"prompt":"a","completion":"b¦""" },
        { DataCodes.InvalidJson, """{"prompt":"\¦x"}""" },
        { DataCodes.InvalidJson, "¦hello" },
        { DataCodes.InvalidJson, """{"prompt":"a","completion":"b",¦}""" },
        { DataCodes.InvalidJson, """{"prompt":¦NaN,"completion":"b"}""" },
        { DataCodes.InvalidJson, "0¦12" },
        { DataCodes.InvalidJson, "\"text\"¦x" },
        { DataCodes.InvalidJson, "[1 ¦true]" },
        { DataCodes.WrongType, "¦5" },
        { DataCodes.WrongType, "[¦5]" },
        { DataCodes.WrongType, "¦\"text\"" },
        { DataCodes.LoneSurrogate, """{"prompt":"¦\ud800","completion":"b"}""" },
        { DataCodes.LoneSurrogate, """{"prompt":"ab¦\udc00\ud800","completion":"b"}""" },
        { DataCodes.LoneSurrogate, """{"prompt":"aäb¦\ud83dx\ude00","completion":"b"}""" },
        { DataCodes.LoneSurrogate, """{"¦\ud800":1,"prompt":"a","completion":"b"}""" },
        { DataCodes.LoneSurrogate, """{"messages":[{"¦\ud800":1,"role":"user","content":"a"}]}""" },
        { DataCodes.LoneSurrogate, """{"messages":[{"role":"user¦\ud800","content":"a"}]}""" },
        { DataCodes.LoneSurrogate, """{"messages":[{"role":"user","content":"a"}],"tools":"[¦\ud800]"}""" },
        { DataCodes.DuplicateField, """{"prompt":"a",¦"prompt":"a","completion":"b"}""" },
        { DataCodes.DuplicateField, """{"prompt":"a","q":1,"completion":"b",¦"q":-2}""" },
        { DataCodes.DuplicateField, """{"\u0071":1,"prompt":"a","completion":"b",¦"q":1}""" },
        { DataCodes.DuplicateField, $$"""{"prompt":"a","completion":"b",{{string.Concat(Enumerable.Range(0, 60).Select(i => $"\"f{i}\":{i},"))}}¦"f50":1}""" },
        { DataCodes.DuplicateField, """{"prompt":"äöü😀",¦"pr\u006fmpt":"a","completion":"b"}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"user","content":"",¦"role":"user"}]}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"user","content":"",¦"value":""}]}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"user","content":"","name":"a",¦"name":"b"}]}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"user","content":"","weight":1,¦"loss_weight":2}]}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"tool","content":"","tool_call_id":"1",¦"tool_call_id":"1"}]}""" },
        { DataCodes.DuplicateField, """{"messages":[{"role":"user","content":[{"type":"text","text":"a",¦"text":"b"}]}]}""" },
        { DataCodes.DuplicateField, """{"instruction":"a","instances":[{"output":"b",¦"output":"c"}]}""" },
        { DataCodes.UnknownDialect, """¦{"a":1,"b":null}""" },
        { DataCodes.UnknownDialect, "¦{}" },
        { DataCodes.UnknownDialect, """¦{"prompt":"a"}""" },
        { DataCodes.UnknownDialect, """¦{"prompt":"a","completion":null}""" },
        { DataCodes.TwoReadings, """¦{"prompt":"a","completion":"b","messages":[{"role":"user","content":""}]}""" },
        { DataCodes.TwoReadings, """¦{"instruction":"a","output":"b","response":"c"}""" },
        { DataCodes.TwoReadings, """¦{"question":"a","answer":"b","text":"c"}""" },
        { DataCodes.EmptyConversation, """¦{"messages":[]}""" },
        { DataCodes.EmptyConversation, """¦{"conversations":[ ]}""" },
        { DataCodes.EmptyConversation, """¦{"instruction":"a","instances":[]}""" },
        { DataCodes.EmptyConversation, """¦{"prompt":[],"completion":"a"}""" },
        { DataCodes.UnknownRole, """{"messages":[{"role":"¦wizard","content":"a"}]}""" },
        { DataCodes.UnknownRole, """{"messages":[{"content":"€€€€€€€","role":"¦Wizard"}]}""" },
        { DataCodes.WrongType, """{"messages":[¦{"content":"a"}]}""" },
        { DataCodes.WrongType, """{"messages":[¦"a"]}""" },
        { DataCodes.WrongType, """{"messages":[{"role":"user","content":¦5}]}""" },
        { DataCodes.WrongType, """{"messages":[{"role":"user","content":¦null}]}""" },
        { DataCodes.WrongType, """{"messages":[¦{"role":"user"}]}""" },
        { DataCodes.WrongType, """{"messages":"¦a"}""" },
        { DataCodes.WrongType, """{"prompt":¦5,"completion":"b"}""" },
        { DataCodes.WrongType, """{"instruction":"a","output":"b","history":[¦["a"]]}""" },
        { DataCodes.WrongType, """{"instruction":"a","output":"b","history":[["a",¦1]]}""" },
        { DataCodes.WrongType, """{"messages":[{"role":"user","content":"a","loss_weight":"¦x"}]}""" },
        { DataCodes.UnsupportedContent, """{"messages":[{"role":"user","content":[{"type":"¦image_url","text":"a"}]}]}""" },
        { DataCodes.PreferenceData, """¦{"chosen":"a","rejected":"b"}""" },
        { DataCodes.PreferenceData, """¦{"conversations":[{"from":"human","value":"a"}],"chosen":{"from":"gpt","value":"b"},"rejected":{"from":"gpt","value":"c"}}""" },
        { DataCodes.PreferenceData, """¦{"prompt":"a","chosen":"b","rejected":"c"}""" },
        { DataCodes.PreferenceData, """¦{"messages":[{"role":"user","content":"a"}],"label":true}""" },
        { DataCodes.PreferenceData, """¦{"prompt":"a","completion":"b","label":false}""" },
        { DataCodes.PreferenceData, """¦{"messages":[{"role":"user","content":"a"}],"kto_tag":true}""" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_in_a_record_is_located(string code, string marked)
    {
        var (text, column) = Unmark(marked);

        Check(Reading.Error(text), code, 1, column);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void It_is_located_the_same_between_good_records_and_does_not_disturb_them(string code, string marked)
    {
        var (text, column) = Unmark(marked);

        // An array is one only at the beginning of a shard.
        if (text.StartsWith('['))
        {
            return;
        }

        var index = Reading.Of($"\ufeff{Good}\r\n\n{text}\r\n{Good}\n");

        index.Lines.ShouldBe([1, 4]);
        Check(index.Invalid.ShouldHaveSingleItem(), code, 3, column);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void It_is_located_the_same_as_an_element_of_an_array(string code, string marked)
    {
        var (text, column) = Unmark(marked);

        // Where one value ends is the array's own business: see A_broken_array.
        if (text[0] == '[' || text.Count(c => c == '{') != text.Count(c => c == '}') || text.EndsWith("} {}", StringComparison.Ordinal) || text.EndsWith("}x", StringComparison.Ordinal))
        {
            return;
        }

        var index = Reading.Of($"[\n  {Good},\n{text},\n{Good}\n]");

        index.Lines.ShouldBe([2, 4]);
        Check(index.Invalid.ShouldHaveSingleItem(), code, 3, column);
    }

    [Fact]
    public void Invalid_UTF8_is_located()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{Good}\n{{\"prompt\":\"äö"), 0xc3, 0x28, .. "\",\"completion\":\"b\"}\n"u8];

        var index = Reading.Of(bytes);

        index.Count.ShouldBe(1);
        var error = index.Invalid.ShouldHaveSingleItem();
        Check(error, DataCodes.InvalidUtf8, 2, 14);
        error.Message.ShouldContain("0xc3");
    }

    [Fact]
    public void A_lone_surrogate_outside_the_conversation_is_nobodys_business() =>
        Reading.Key("""{"prompt":"a","completion":"b","note":"\ud800"}""").ShouldBe(Reading.Key(Good));

    [Fact]
    public void A_record_in_a_pretty_array_is_located_inside_it()
    {
        const string text = """
            [
              {
                "prompt": "a",
                "completion": "b"
              },
              {
                "messages": [
                  { "role": "user", "content": "ä" },
                  { "role": "wizard", "content": "ä" }
                ]
              }
            ]
            """;

        var index = Reading.Of(text);

        index.Count.ShouldBe(1);
        Check(index.Invalid.ShouldHaveSingleItem(), DataCodes.UnknownRole, 9, 18);
    }

    [Theory]
    [InlineData("[{\"prompt\":\"a\",\"completion\":\"b\"}", 1, 33)]
    [InlineData("[\n{\"prompt\":\"a\",\"completion\":\"b\"},\n", 3, 1)]
    [InlineData("[\n{\"prompt\":\"a\",\"completion\":\"b\"},\n  {\"prompt\":\"a", 3, 3)]
    [InlineData("[{\"prompt\":\"a\",\"completion\":\"b\"},]", 1, 34)]
    [InlineData("[{\"prompt\":\"a\",\"completion\":\"b\"} {}]", 1, 34)]
    [InlineData("[{\"prompt\":\"a\",\"completion\":\"b\"}]\n{}", 2, 1)]
    public void A_broken_array_is_located_and_what_was_read_stays_read(string text, int line, int column)
    {
        var index = Reading.Of(text);

        index.Count.ShouldBe(1);
        Check(index.Invalid.ShouldHaveSingleItem(), DataCodes.InvalidJson, line, column);
    }

    [Fact]
    public void Hostile_nesting_is_refused_at_once()
    {
        foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[("[", "]"), ("{\"a\":", "}")])
        {
            var deep = string.Concat(Enumerable.Repeat(open, 10_000)) + "1" + string.Concat(Enumerable.Repeat(close, 10_000));

            var error = Reading.Error($"{{\"x\":{deep}}}");

            error.Code.ShouldBe(DataCodes.InvalidJson);
            error.Message.ShouldContain("depth");
            error.Line.ShouldBe(1);
        }
    }

    [Fact]
    public void A_configuration_file_is_recognised()
    {
        const string registry = """
            {
              "identity": {
                "file_name": "identity.json"
              }
            }
            """;

        var error = Reading.Error(registry);
        Check(error, DataCodes.ConfigurationFile, 1, 1);
        error.Message.ShouldContain("dataset_info.json");
        Check(Reading.Error("{\n \"a\": 1\n}"), DataCodes.ConfigurationFile, 1, 1);
    }

    [Fact]
    public void An_unknown_shape_names_its_fields_and_what_to_do()
    {
        var error = Reading.Error("""{"prompt":"a","answers":["b"]}""");

        error.Message.ShouldContain("prompt, answers");
        error.Message.ShouldContain("'prompt' without 'completion'");
        error.Message.ShouldContain("ResponseField");
    }

    [Fact]
    public void A_declared_dialect_that_does_not_fit_is_an_error() =>
        Check(Reading.Error(Good, new ShapeOptions(Dialect.Alpaca)), DataCodes.UnknownDialect, 1, 1);

    [Fact]
    public void A_declared_field_that_a_record_does_not_have_is_named()
    {
        var error = Reading.Error("""{"prompt":"a","completion":"b"}""", new ShapeOptions(PromptField: "ask", ResponseField: "completion", SystemField: "none"));

        Check(error, DataCodes.UnknownDialect, 1, 1);
        error.Message.ShouldContain("says with PromptField=\"ask\". It has: prompt, completion.");
    }

    private static (string Text, int Column) Unmark(string marked)
    {
        var at = marked.IndexOf('¦', StringComparison.Ordinal);
        return (marked.Remove(at, 1), marked[..at].EnumerateRunes().Count() + 1);
    }

    private static void Check(InvalidRecord error, string code, int line, int column) =>
        (error.Code, error.Line, error.Column).ShouldBe((code, line, column), error.Message);
}
