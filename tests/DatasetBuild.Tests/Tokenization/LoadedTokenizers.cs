using System.Collections.Concurrent;
using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>The published vocabularies, loaded once for all tests.</summary>
internal static class LoadedTokenizers
{
    private static readonly ConcurrentDictionary<string, Lazy<ITokenizer>> Loaded = new();

    public static ITokenizer Get(string file)
    {
        var path = SharedData.Path("tokenizers", file);
        return Loaded.GetOrAdd(path, p => new Lazy<ITokenizer>(() => Tokenizers.Load(p, file))).Value;
    }

    /// <summary>What merges the pieces of a rank file.</summary>
    public static BytePairEncoder Encoder(string file) => ((RankTokenizer)Get(file)).Model.Encoder;

    public static int[] Ids(this ITokenizer tokenizer, ReadOnlySpan<byte> text)
    {
        var tokens = new List<Token>();
        tokenizer.Encode(text, tokens);
        return tokens.Select(token => token.Id).ToArray();
    }

    /// <summary>Encodes a text as who needs ids and places only, and tells that they are those of what is reported of it as a whole.</summary>
    /// <param name="tokenizer">Encodes it.</param>
    /// <param name="text">The text.</param>
    /// <param name="whole">What is reported of it.</param>
    /// <param name="about">For the message.</param>
    /// <param name="trims">Whether the post-processor leaves the spaces of tokens out of their places.</param>
    public static void ShouldEncodeAs(this ITokenizer tokenizer, ReadOnlySpan<byte> text, EncodedText whole, string about, bool trims = false)
    {
        var tokens = new List<Token>();
        tokenizer.Encode(text, tokens);
        tokens.Select(token => token.Id).ShouldBe(whole.Ids, about);
        var places = new CodePointPlaces(text);
        if (!trims)
        {
            tokens.Select(token => places.Of(token.Start, token.End)).ShouldBe(whole.Offsets, about);
        }
    }

    /// <summary>Counts so much that a tokenizer takes the ways that pay only then.</summary>
    public static void CountMuch(this ITokenizer tokenizer)
    {
        try
        {
            tokenizer.Count(Encoding.UTF8.GetBytes(new string('a', (10 * tokenizer.VocabularySize) + 10_000)));
        }
        catch (DatasetException e)
        {
            // It has no token for the letter, and counts it nevertheless.
            e.Diagnostic.Code.ShouldBe("DSB3016");
        }
    }
}
