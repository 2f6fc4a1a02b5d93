using System.Text;
using System.Text.Json;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

public sealed class JsonScannerTests
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = JsonScanner.MaxDepth };

    private static readonly string[] Seeds =
    [
        """{"messages":[{"role":"user","content":"a\n\"b\" \u00e9\ud83d\ude00 \\ /"},{"role":"assistant","content":""}],"n":-0.5e+10,"t":true,"f":false,"z":null,"e":{},"l":[]}""",
        """ [ 1 , 2.0 , -3e4 , 0 , "x" , [ ] , { "a" : [ { } ] } ] """,
        "{\"text\":\"" + new string('x', 200) + "\\t" + new string('y', 300) + "\"}",
        "true", "\"\"", "0", "{}", "[]", "-1", "1e5",
    ];

    [Fact]
    public void Tokens_and_places_are_those_of_the_framework_s_reader()
    {
        foreach (var seed in Seeds)
        {
            Scan(Encoding.UTF8.GetBytes(seed)).ShouldBe(Framework(Encoding.UTF8.GetBytes(seed)));
        }
    }

    [Fact]
    public void What_the_framework_s_reader_refuses_is_refused_and_nothing_else()
    {
        var random = new Random(20261);
        var alphabet = "{}[]:,\"\\ \n\t0123456789.-+eEtrufalsn\u0001x"u8.ToArray();
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]).ToList();
            for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes.RemoveAt(at);
                        break;
                    case 1:
                        bytes.Insert(at, alphabet[random.Next(alphabet.Length)]);
                        break;
                    case 2:
                        bytes[at] = alphabet[random.Next(alphabet.Length)];
                        break;
                    default:
                        bytes.RemoveRange(at, bytes.Count - at);
                        break;
                }
            }

            byte[] json = [.. bytes];
            Scan(json).ShouldBe(Framework(json), Encoding.UTF8.GetString(json));
        }
    }

    [Theory]
    [InlineData(JsonScanner.MaxDepth)]
    [InlineData(JsonScanner.MaxDepth + 1)]
    [InlineData(10_000)]
    public void Nesting_ends_where_the_framework_s_reader_ends_it(int depth)
    {
        var json = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", depth / 2)) + "1" + string.Concat(Enumerable.Repeat("]}", depth / 2)));
        Scan(json).ShouldBe(Framework(json));
    }

    [Fact]
    public void A_skipped_value_ends_where_the_framework_s_reader_ends_it()
    {
        var json = """{"a":{"b":[1,{"c":"}"}]},"d":[[],[{}]],"e":5}"""u8;
        var scanner = new JsonScanner(json);
        var reader = new Utf8JsonReader(json);
        scanner.Read();
        reader.Read();
        while (reader.Read() && scanner.Read())
        {
            reader.Skip();
            scanner.Skip();
            scanner.BytesConsumed.ShouldBe((int)reader.BytesConsumed);
        }
    }

    private static List<string> Scan(byte[] json)
    {
        var tokens = new List<string>();
        var scanner = new JsonScanner(json);
        try
        {
            while (scanner.Read())
            {
                tokens.Add($"{scanner.TokenType} {scanner.TokenStartIndex} {Encoding.Latin1.GetString(scanner.ValueSpan)} {scanner.ValueIsEscaped} {scanner.BytesConsumed}");
            }
        }
        catch (JsonException)
        {
            return ["refused"];
        }

        return tokens;
    }

    private static List<string> Framework(byte[] json)
    {
        var tokens = new List<string>();
        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            while (reader.Read())
            {
                tokens.Add($"{reader.TokenType} {reader.TokenStartIndex} {Encoding.Latin1.GetString(reader.ValueSpan)} {reader.ValueIsEscaped} {reader.BytesConsumed}");
            }
        }
        catch (JsonException)
        {
            return ["refused"];
        }

        return tokens;
    }
}
