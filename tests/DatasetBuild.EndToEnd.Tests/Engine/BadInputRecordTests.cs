using System.Text;
using System.Text.Json;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>A record that cannot be read, in a real engine: one error at its place, with a remedy, and nothing changes; or it is set aside with its reason.</summary>
public sealed class BadInputRecordTests
{
    private const string Good = """{"prompt":"a","completion":"b"}""";

    /// <summary>What it is, its bytes as Latin-1, the code, the place, and words of the remedy.</summary>
    public static TheoryData<string, string, string, int, int, string> Records() => new()
    {
        { "broken JSON", "{\"prompt\":\"a\" \"completion\":\"b\"}\n", "DSB1001", 1, 15, "Mend the record" },
        { "a truncated last line", Good + "\n{\"prompt\":\"a\",\"compl", "DSB1001", 2, 21, "get the file again" },
        { "a truncated array", "[" + Good + ",\n" + Good[..9], "DSB1001", 2, 1, "get it again" },
        { "invalid UTF-8", "{\"prompt\":\"a\u00ff\",\"completion\":\"b\"}\n", "DSB1002", 1, 13, "Save the file as UTF-8" },
        { "a lone surrogate", "{\"prompt\":\"a\\ud800\",\"completion\":\"b\"}\n", "DSB1011", 1, 13, "Write the whole pair" },
        { "a NUL byte in a text", "{\"prompt\":\"a\0\",\"completion\":\"b\"}\n", "DSB1001", 1, 13, "Mend the record" },
        { "NUL bytes where a line was", Good + "\n" + new string('\0', 4096) + "\n", "DSB1001", 2, 1, "Mend the record" },
        { "deep nesting", $"{{\"x\":{new string('[', 10_000)}{new string(']', 10_000)},\"prompt\":\"a\",\"completion\":\"b\"}}\n", "DSB1001", 1, 133, "128 levels" },
        { "deep nesting that is never closed", string.Concat(Enumerable.Repeat("{\"a\":", 10_000)), "DSB1001", 1, 641, "128 levels" },
        { "a field twice", "{\"prompt\":\"a\",\"prompt\":\"c\",\"completion\":\"b\"}\n", "DSB1012", 1, 15, "keep one" },
        { "a field twice, once with an escape", "{\"prompt\":\"a\",\"\\u0070rompt\":\"c\",\"completion\":\"b\"}\n", "DSB1012", 1, 15, "keep one" },
        { "no known dialect", Good + "\n  {\"foo\":1}\n", "DSB1003", 2, 3, "PromptField" },
        { "two dialects", "{\"prompt\":\"a\",\"completion\":\"b\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}\n", "DSB1004", 1, 1, "Dialect=" },
        { "two responses", "{\"instruction\":\"a\",\"output\":\"b\",\"response\":\"c\"}\n", "DSB1004", 1, 1, "ResponseField=" },
        { "an empty conversation", "{\"messages\":[]}\n", "DSB1009", 1, 1, "Remove the record" },
        { "an unknown role", "{\"messages\":[{\"role\":\"wizard\",\"content\":\"x\"}]}\n", "DSB1008", 1, 23, "Known are system" },
        { "a preference record", "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}\n", "DSB1005", 1, 1, "Take the shard out" },
        { "a label", "{\"prompt\":\"a\",\"completion\":\"b\",\"label\":true}\n", "DSB1005", 1, 1, "Take the shard out" },
        { "a configuration file", "{\n  \"a\": {\"file_name\": \"x.json\"}\n}\n", "DSB1006", 1, 1, "Take it out of DatasetShard" },
        { "a record above the limit", Good + "\n{\"prompt\":\"" + new string('x', 70_000) + "\",\"completion\":\"b\"}\n", "DSB1010", 2, 1, "Raise that property" },
        { "no object", Good + "\n5\n", "DSB1007", 2, 1, "Mend it" },
        { "text in UTF-16 without its mark", "{\0\"\0p\0\n\0", "DSB1018", 1, 1, "Save it as UTF-8" },
        { "text in UTF-16, the other way round", "\0[\0{", "DSB1018", 1, 1, "Save it as UTF-8" },
        { "text in UTF-16", "\u00ff\u00fe{\0\"\0p\0\n\0", "DSB1018", 1, 1, "Save it as UTF-8" },
        { "a Parquet file", "PAR1\u0015\u0004", "DSB1018", 1, 1, "Export it as JSON Lines" },
    };

    [Theory]
    [MemberData(nameof(Records))]
    public void It_is_one_error_at_its_place_and_nothing_changes(string what, string bytes, string code, int line, int column, string remedy)
    {
        using var input = new BadInput();
        input.Project.Properties["DatasetMaxRecordBytes"] = "60000";

        var error = input.ShouldBeRefused(bad => bad.WithBadShard(Encoding.Latin1.GetBytes(bytes)));

        error.Place.ShouldBe((code, input.BadShard, line, column), $"{what}: {error.Message}");
        error.Message.ShouldContain(remedy);
    }

    [Theory]
    [MemberData(nameof(Records))]
    public void Or_it_is_set_aside_counted_and_listed(string what, string bytes, string code, int line, int column, string remedy)
    {
        using var input = new BadInput();
        input.Project.Properties["DatasetMaxRecordBytes"] = "60000";
        input.Project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        input.WithBadShard(Encoding.Latin1.GetBytes(bytes));

        var output = input.Project.Run().ShouldSucceed(what);

        var warning = output.Warnings().ShouldHaveSingleItem();
        warning.Code.ShouldBe("DSB1017");
        warning.Message.ShouldStartWith(code is "DSB1006" or "DSB1018" ? "the whole shard 'data/bad.jsonl' " : "1 record ");
        using var aside = JsonDocument.Parse(File.ReadAllLines(Path.Combine(input.Project.ReportPath, "quarantine.jsonl")).ShouldHaveSingleItem());
        var record = aside.RootElement;
        (record.GetProperty("shard").GetString(), record.GetProperty("code").GetString(), record.GetProperty("line").GetInt32(), record.GetProperty("column").GetInt32())
            .ShouldBe(("data/bad.jsonl", code, line, column));
        record.GetProperty("reason").GetString()!.ShouldContain(remedy);
        var good = bytes.StartsWith(Good, StringComparison.Ordinal) || bytes.StartsWith("[" + Good, StringComparison.Ordinal) ? 1 : 0;
        output.Events[^1].GetProperty("kept").GetInt32().ShouldBe(BadInput.Good + good);
        File.ReadAllText(Path.Combine(input.Project.ReportPath, "report.html")).ShouldContain("data/bad.jsonl");
        input.Project.Leftovers().ShouldBeEmpty();
        input.Project.Run().Warnings().ShouldHaveSingleItem("what was set aside is said again where nothing changed").Code.ShouldBe("DSB1017");
    }
}
