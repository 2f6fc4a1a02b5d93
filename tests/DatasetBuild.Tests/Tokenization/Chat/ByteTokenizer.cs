using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>A token a byte, with its value as id, and the given texts as special tokens from 256 on: masks over it are masks over the text.</summary>
internal sealed class ByteTokenizer(string[]? special = null, bool addsBos = false) : ITokenizer
{
    private readonly byte[][] special = [.. (special ?? []).Select(Encoding.UTF8.GetBytes)];

    public string Identity => "bytes of the tests";

    public int VocabularySize => 256 + special.Length;

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var tokens = new List<Token>();
        Encode(utf8, tokens);
        return tokens.Count;
    }

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        for (var i = 0; i < utf8.Length;)
        {
            var found = -1;
            for (var s = 0; s < special.Length && found < 0; s++)
            {
                found = utf8[i..].StartsWith(special[s]) ? s : -1;
            }

            var size = found < 0 ? 1 : special[found].Length;
            tokens.Add(new Token(found < 0 ? utf8[i] : 256 + found, i, i + size));
            i += size;
        }
    }

    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false)
    {
        var tokens = new List<Token>();
        Encode(Encoding.UTF8.GetBytes(text), tokens);
        var all = tokens.Select(token => new EncodedToken(token.Id, "", token.Start, token.End, 0, IsSpecial: false));
        return new EncodedText([.. addsBos && addSpecialTokens ? [new EncodedToken(256, "", 0, 0, 0, IsSpecial: true)] : Array.Empty<EncodedToken>(), .. all]);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            bytes.AddRange(id < 256 ? [(byte)id] : skipSpecialTokens ? [] : special[id - 256]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    public ReadOnlySpan<byte> Bytes(int id) => id < 256 ? new byte[] { (byte)id } : special[id - 256];
}
