using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>One record's JSON: the tokens, the texts and the verdict of System.Text.Json are the oracle.</summary>
internal sealed class JsonTarget : FuzzTarget
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    public override string Name => "json";

    public override bool IsJson => true;

    public override int ShortRun => 40_000;

    public override IReadOnlyList<string> Words { get; } =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\\\\", "\\u0000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u00e9", "\\n", "\\/", "\\x", "true", "false", "null", "0", "-0", "1e5", "1E+400", "-",
        "01", "1.", ".5", "NaN", "\u00e9", "\u20ac", "\U0001F600", "\ufeff", " ", "\t", "\r\n", "\"messages\":", "\"conversations\":", "\"instances\":", "\"history\":", "\"prompt\":", "\"completion\":",
        "\"instruction\":", "\"input\":", "\"output\":", "\"role\":", "\"content\":", "\"from\":", "\"value\":", "\"user\"", "\"assistant\"", "\"system\"", "\"tools\":", "\"tool_calls\":", "\"text\":", "\"chosen\":",
        "\"loss_weight\":", "\"name\":", "\"type\":", "\"function\":", "\"arguments\":", "\"question\":", "\"answer\":", "\"response\":", new string('[', 127), new string('[', 130), string.Concat(Enumerable.Repeat("{\"a\":", 128)),
    ];

    public override IEnumerable<byte[]> Seeds() => SampleRecords.Lines.Select(Encoding.UTF8.GetBytes);

    public override string Run(byte[] input)
    {
        var isValid = CompareTokens(input);
        var isText = Utf8.IsValid(input);
        using var parser = new ConversationParser(ShapeOptions.Detect);
        try
        {
            parser.Parse(input);
            Checks.Holds(isValid && isText, "what is no JSON was read as a record");
            var turns = 0;
            for (var i = 0; i < parser.Count; i++)
            {
                turns += TurnsOf(input, parser.Canonical(input, i));
            }

            foreach (var field in (string[])["prompt", "id", "messages.role"])
            {
                new RawField(field).Read(input);
            }

            return $"{parser.Dialect} {Checks.Bucket(parser.Count)} {Checks.Bucket(turns)}";
        }
        catch (InvalidRecordException error)
        {
            Checks.Holds(Checks.IsCode(error.Code, '1') && error.Message.Length > 0, "an error has no code or no text");
            Checks.Holds(error.Offset >= 0 && error.Offset <= input.Length, "an error lies outside the record");
            Checks.Holds(!isValid || error.Code != DataCodes.InvalidJson, "what is JSON was refused as none");
            Checks.Holds(isText || error.Code == DataCodes.InvalidUtf8, "bytes that are no text were not told");
            return $"{error.Code} {Shape(error.Message)}";
        }
    }

    private static string Shape(string message) => string.Concat(message.Where(char.IsAsciiLetter).Take(24));

    private static int TurnsOf(byte[] json, ReadOnlySpan<byte> canonical)
    {
        var turns = 0;
        foreach (var turn in new Conversation(canonical))
        {
            turns++;
            foreach (var part in (Part[])[Part.Record, Part.Prompt, Part.Response, Part.LastResponse])
            {
                foreach (var text in new Conversation(canonical).Texts(part))
                {
                    Checks.Holds(Utf8.IsValid(text), "a text of a conversation is no UTF-8");
                    Checks.Holds(text.Length <= json.Length, "a text is longer than its record");
                }
            }
        }

        return turns;
    }

    /// <summary>Whether both readers accept the JSON; they must see the same tokens up to its end.</summary>
    private static bool CompareTokens(byte[] input)
    {
        var ours = new JsonScanner(input);
        var theirs = new Utf8JsonReader(input, Options);
        while (true)
        {
            var (weRead, weFail) = (false, false);
            var (theyRead, theyFail) = (false, false);
            try
            {
                weRead = ours.Read();
            }
            catch (JsonException)
            {
                weFail = true;
            }

            try
            {
                theyRead = theirs.Read();
            }
            catch (JsonException)
            {
                theyFail = true;
            }

            if (weFail || theyFail)
            {
                Checks.Holds(weFail || FailsLater(ref ours), $"the scanner accepts what System.Text.Json refuses at byte {theirs.BytesConsumed}");
                Checks.Holds(theyFail, $"the scanner refuses what System.Text.Json accepts up to byte {theirs.BytesConsumed}");
                return false;
            }

            Checks.Holds(weRead == theyRead, $"at byte {theirs.BytesConsumed} one ends and the other does not");
            if (!weRead)
            {
                return true;
            }

            Checks.Holds(ours.TokenType == theirs.TokenType && ours.TokenStartIndex == theirs.TokenStartIndex && ours.ValueSpan.SequenceEqual(theirs.ValueSpan), $"the token at byte {theirs.TokenStartIndex} differs");
            if (ours.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                CompareText(ours.ValueSpan, ref theirs);
            }
        }
    }

    /// <summary>System.Text.Json looks behind a number before it tells of it; the scanner does so when it is asked for what follows.</summary>
    private static bool FailsLater(ref JsonScanner ours)
    {
        try
        {
            while (ours.Read())
            {
            }

            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private static void CompareText(ReadOnlySpan<byte> raw, ref Utf8JsonReader theirs)
    {
        if (!Utf8.IsValid(raw))
        {
            return;
        }

        string? expected;
        try
        {
            expected = theirs.GetString();
        }
        catch (InvalidOperationException)
        {
            expected = null; // half of a surrogate pair
        }

        var text = new byte[raw.Length];
        try
        {
            var length = JsonText.Unescape(raw, text, 0);
            Checks.Holds(expected is not null && Encoding.UTF8.GetString(text, 0, length) == expected, "a text was decoded otherwise");
        }
        catch (InvalidRecordException error)
        {
            Checks.Holds(expected is null && error.Code == DataCodes.LoneSurrogate, "a text was refused that stands for something");
        }
    }
}
