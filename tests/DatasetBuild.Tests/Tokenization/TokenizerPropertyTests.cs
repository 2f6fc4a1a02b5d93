using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>What holds for every text, known to a reference or not.</summary>
public sealed class TokenizerPropertyTests
{
    public static TheoryData<string> Fixtures => TokenizerJsonTests.Fixtures;

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3-ignore-merges")]
    [InlineData("deepseek-style")]
    [InlineData("starcoder-digits")]
    public void Byte_level_tokens_decode_to_every_character(string fixture) => DecodesToEveryCharacter(Load(fixture));

    [Theory]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("o200k_base.tiktoken")]
    [InlineData("hf_gpt2_tokenizer.json")]
    public void Published_tokens_decode_to_every_character(string file) => DecodesToEveryCharacter(LoadedTokenizers.Get(file));

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_count_is_the_number_of_tokens_wherever_the_text_stands(string fixture)
    {
        var tokenizer = Load(fixture);
        foreach (var text in RandomTexts(fixture))
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            byte[] longer = [.. "before ▁"u8, .. utf8, .. "'s after"u8];
            try
            {
                var ids = tokenizer.Ids(utf8);
                tokenizer.Count(utf8).ShouldBe(ids.Length, text);
                tokenizer.EncodeText(text).Ids.ShouldBe(ids, text);
                tokenizer.Ids(longer.AsSpan("before ▁"u8.Length, utf8.Length)).ShouldBe(ids, text);
                tokenizer.Count(longer.AsSpan("before ▁"u8.Length, utf8.Length)).ShouldBe(ids.Length, text);
            }
            catch (DatasetException e)
            {
                e.Diagnostic.Code.ShouldBe("DSB3016", text);
                Should.Throw<DatasetException>(() => tokenizer.Count(utf8)).Diagnostic.Code.ShouldBe("DSB3016", text);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Places_lie_in_the_text_and_in_order_of_their_ends(string fixture)
    {
        // A character that is spelled in bytes comes before the unknown ones that wait, so places may go back there.
        var mayGoBack = fixture == "byte-fallback-partial";
        var tokenizer = Load(fixture);
        foreach (var text in RandomTexts(fixture))
        {
            var characters = text.EnumerateRunes().Count();
            try
            {
                var last = 0;
                foreach (var (start, end) in tokenizer.EncodeText(text).Offsets)
                {
                    start.ShouldBeInRange(0, end, text);
                    end.ShouldBeInRange(mayGoBack ? 0 : Math.Min(last, characters), characters, text);
                    last = start;
                }
            }
            catch (DatasetException e)
            {
                e.Diagnostic.Code.ShouldBe("DSB3016", text);
            }
        }
    }

    private static void DecodesToEveryCharacter(ITokenizer tokenizer)
    {
        const int block = 1 << 12;
        for (var first = 0; first < 0x110000; first += block)
        {
            var text = string.Concat(Enumerable.Range(first, block).Where(Rune.IsValid).Select(char.ConvertFromUtf32));
            var ids = tokenizer.Ids(Encoding.UTF8.GetBytes(text));
            tokenizer.Decode(ids).ShouldBe(text);
        }

        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => char.ConvertFromUtf32(Scalar(random))));
            tokenizer.Decode(tokenizer.Ids(Encoding.UTF8.GetBytes(text))).ShouldBe(text);
        }
    }

    // Pieces of the fixture's own hard texts, mixed with each other and with any characters.
    private static IEnumerable<string> RandomTexts(string fixture)
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json")));
        var texts = cases.RootElement.GetProperty("cases").EnumerateArray().Select(@case => @case.GetProperty("text").GetString()!.EnumerateRunes().ToArray()).ToArray();
        var random = new Random(fixture.Length);
        for (var i = 0; i < 60; i++)
        {
            var text = new StringBuilder();
            for (var parts = random.Next(6); parts > 0; parts--)
            {
                var from = texts[random.Next(texts.Length)];
                var start = random.Next(from.Length + 1);
                foreach (var rune in from.Skip(start).Take(random.Next(20)))
                {
                    text.Append(rune.ToString());
                }

                text.Append(random.Next(4) == 0 ? char.ConvertFromUtf32(Scalar(random)) : "");
            }

            yield return text.ToString();
        }
    }

    private static int Scalar(Random random)
    {
        var code = random.Next(3) switch { 0 => random.Next(0x80), 1 => random.Next(0x3000), _ => random.Next(0x110000) };
        return Rune.IsValid(code) ? code : 'x';
    }

    private static ITokenizer Load(string fixture) => Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
}
