using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Metaspace: marks become spaces, but those of the first token vanish if the pre-tokenizer put one there.</summary>
internal sealed class MetaspaceDecoder(Rune mark, PrependScheme scheme) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, i) => token.Replace(mark.ToString(), i == 0 && scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>BPEDecoder: the suffix that ends a word becomes a space, in the last token nothing.</summary>
internal sealed class SuffixDecoder(string suffix) : IDecoder
{
    public List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, i) => LiteralText.Replace(token, suffix, i == tokens.Count - 1 ? "" : " "))];
}

/// <summary>WordPiece: tokens without the prefix of continuations are words of their own; artefacts around punctuation are cleaned up if asked.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select((token, i) =>
    {
        var text = i == 0 ? token : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        return cleanUp ? LiteralText.CleanUp(text) : text;
    })];
}

/// <summary>CTC: repeated tokens count once, padding vanishes; with clean-up the word delimiter becomes a space.</summary>
internal sealed class CtcDecoder(string padToken, string wordDelimiter, bool cleanUp) : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var decoded = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
            {
                continue;
            }

            var text = LiteralText.Replace(tokens[i], padToken, "");
            text = cleanUp ? LiteralText.Replace(LiteralText.CleanUp(text), wordDelimiter, " ") : text;
            if (text.Length > 0)
            {
                decoded.Add(text);
            }
        }

        return decoded;
    }
}

/// <summary>Replace: puts a text in the place of each match, in each token by itself.</summary>
internal sealed class ReplaceDecoder(ITextPattern pattern, string content) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Replace)];

    private string Replace(string token)
    {
        var utf8 = Encoding.UTF8.GetBytes(token);
        var matches = new List<TextRange>();
        if (utf8.Length > 0)
        {
            pattern.FindAll(utf8, matches);
        }

        var text = new StringBuilder(token.Length);
        var last = 0;
        foreach (var match in matches)
        {
            text.Append(Encoding.UTF8.GetString(utf8.AsSpan(last..match.Start))).Append(content);
            last = match.End;
            WorkLimit.Check(text.Length, utf8.Length);
        }

        return matches.Count == 0 ? token : text.Append(Encoding.UTF8.GetString(utf8.AsSpan(last..))).ToString();
    }
}

/// <summary>Fuse: all parts become one.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Strip: removes up to so many of a character at the start and at the end of each part.</summary>
internal sealed class StripDecoder(Rune content, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string token)
    {
        var runes = token.EnumerateRunes().ToList();
        var first = runes.Take(start).TakeWhile(rune => rune == content).Count();
        var last = runes.Count - Enumerable.Reverse(runes).Take(stop).TakeWhile(rune => rune == content).Count();
        return string.Concat(runes.Take(last).Skip(first).Select(rune => rune.ToString()));
    }
}
