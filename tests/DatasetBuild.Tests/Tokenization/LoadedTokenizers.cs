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
