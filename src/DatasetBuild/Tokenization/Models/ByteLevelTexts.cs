using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The written forms of byte-level tokens, made from their bytes when they are asked for.</summary>
/// <param name="tokens">The tokens by their bytes.</param>
/// <param name="others">Those that are not written in the alphabet of bytes.</param>
/// <param name="count">How many tokens there are.</param>
internal sealed class ByteLevelTexts(TokenTable tokens, IReadOnlyDictionary<string, int> others, int count) : ITokenTexts
{
    public int Count { get; } = count;

    public int Size => tokens.Size;

    public int Find(string text) =>
        others.TryGetValue(text, out var id) ? id : ByteLevelAlphabet.Decode(text) is { } bytes ? tokens.Find(bytes) : -1;

    public string? Text(int id)
    {
        if (!tokens.Contains(id))
        {
            return null;
        }

        var bytes = tokens.Bytes(id);
        return tokens.Find(bytes) == id ? ByteLevelAlphabet.Encode(bytes) : Encoding.UTF8.GetString(bytes);
    }
}
