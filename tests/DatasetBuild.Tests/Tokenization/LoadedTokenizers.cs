using System.Collections.Concurrent;
using System.Reflection;
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

    /// <summary>What merges the pieces of a byte-level tokenizer.</summary>
    public static BytePairEncoder Encoder(string file)
    {
        var fields = typeof(ByteLevelTokenizer).GetFields(BindingFlags.Instance | BindingFlags.NonPublic);
        return (BytePairEncoder)fields.Single(field => field.FieldType == typeof(BytePairEncoder)).GetValue(Get(file))!;
    }

    public static int[] Ids(this ITokenizer tokenizer, ReadOnlySpan<byte> text)
    {
        var tokens = new List<Token>();
        tokenizer.Encode(text, tokens);
        return tokens.Select(token => token.Id).ToArray();
    }
}
