using System.Text;
using System.Text.Json;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>The scanner sees what the framework's reader sees: token for token, and it refuses the same bytes.</summary>
public sealed class JsonScannerTests
{
    private static readonly string[] Seeds =
    [
        """{"prompt":"a\u00e9\n\"","completion":"b","n":[1,-0,0.5,-1.5e+10,1E-3,true,false,null,{},[],""]}""",
        """ [ { "a" : [ [ { } ] , "\\\/\b\f\n\r\t" ] , "b" : -12 } , 0 , "x" ] """,
        """{"messages":[{"role":"user","content":"ä€😀"},{"role":"assistant","content":null}],"tools":"[]"}""",
        "-0.0e0",
        "\"\\ud800\"",
    ];

    private static readonly byte[] Alphabet = [.. "{}[]\",:\\ \n\t\r0123456789-+.eEtrufalsnx/"u8, 0, 0x1f, 0x7f];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Damaged_JSON_is_read_as_the_framework_reads_it(int seed)
    {
        var random = new Random(seed);
        var valid = 0;
        for (var round = 0; round < 30_000; round++)
        {
            var json = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]).ToList();
            for (var edits = random.Next(4); edits > 0 && json.Count > 0; edits--)
            {
                var at = random.Next(json.Count);
                switch (random.Next(4))
                {
                    case 0:
                        json[at] = Alphabet[random.Next(Alphabet.Length)];
                        break;
                    case 1:
                        json.RemoveAt(at);
                        break;
                    case 2:
                        json.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                        break;
                    default:
                        json.RemoveRange(at, random.Next(json.Count - at));
                        break;
                }
            }

            valid += Compare([.. json]) ? 1 : 0;
        }

        valid.ShouldBeInRange(5_000, 25_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("+1")]
    [InlineData("NaN")]
    [InlineData("tru")]
    [InlineData("truex")]
    [InlineData("nullnull")]
    [InlineData("[1 2]")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("[}")]
    [InlineData("\"\\u12g4\"")]
    [InlineData("\"\\u123")]
    [InlineData("\"\\")]
    [InlineData("// c\n1")]
    [InlineData("/* c */ 1")]
    [InlineData("\ufeff1")]
    public void What_looks_like_JSON_and_is_none_is_refused(string text) => Compare(Encoding.UTF8.GetBytes(text)).ShouldBeFalse();

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    public void Nesting_has_one_limit(int depth)
    {
        Compare(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth))).ShouldBe(depth <= 128);
        Compare(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth))).ShouldBe(depth <= 128);
    }

    private static bool Compare(byte[] json)
    {
        var expected = ByFramework(json);
        var actual = ByScanner(json);

        (actual is null).ShouldBe(expected is null, Encoding.UTF8.GetString(json));
        if (expected is not null)
        {
            actual.ShouldBe(expected, Encoding.UTF8.GetString(json));
        }

        return expected is not null;
    }

    private static List<(JsonTokenType, int, string, bool)>? ByFramework(byte[] json)
    {
        var tokens = new List<(JsonTokenType, int, string, bool)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
        try
        {
            while (reader.Read())
            {
                tokens.Add((reader.TokenType, (int)reader.TokenStartIndex, Convert.ToHexString(reader.ValueSpan), reader.ValueIsEscaped));
            }

            return tokens;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<(JsonTokenType, int, string, bool)>? ByScanner(byte[] json)
    {
        var tokens = new List<(JsonTokenType, int, string, bool)>();
        var reader = new JsonScanner(json);
        try
        {
            while (reader.Read())
            {
                tokens.Add((reader.TokenType, reader.TokenStartIndex, Convert.ToHexString(reader.ValueSpan), reader.ValueIsEscaped));
            }

            return tokens;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
