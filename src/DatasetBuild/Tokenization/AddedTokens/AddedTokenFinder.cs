using System.Buffers;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>A part of a text: an added token, or (<paramref name="Id"/> -1) what stands between two of them.</summary>
internal readonly record struct FoundToken(int Id, TextRange Range);

/// <summary>Finds added tokens in a text: the leftmost, of those that start at one place the longest.</summary>
internal sealed class AddedTokenFinder(IReadOnlyDictionary<int, AddedToken> byId)
{
    private readonly ByteTrie _trie = new();
    private readonly HashSet<byte> _firstBytes = [];
    private readonly List<(byte[] Text, int Id)> _texts = [];
    private SearchValues<byte> _starts = SearchValues.Create(ReadOnlySpan<byte>.Empty);

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Adds what to look for, which is not empty; the flags are those of the token that has the id.</summary>
    public void Add(byte[] text, int id)
    {
        // Two tokens that look the same once normalized: the first one is found.
        if (text.Length > 0 && _trie.LongestPrefix(text, out _) < text.Length)
        {
            _trie.Add(text, id);
            _texts.Add((text, id));
            _starts = _firstBytes.Add(text[0]) ? SearchValues.Create(_firstBytes.ToArray()) : _starts;
            IsEmpty = false;
        }
    }

    /// <summary>Whether what is found does not depend on what stands on the other side of a cut before <paramref name="mark"/>.</summary>
    public bool KeepsToWords(Rune mark) => _texts.TrueForAll(found =>
        byId[found.Id] is { SingleWord: false, StripLeft: false, StripRight: false } && found.Text.AsSpan(1).IndexOf(Encoding.UTF8.GetBytes(mark.ToString())) < 0);

    /// <summary>Whether it is easily seen that nothing is found that holds a part of a text, whatever stands around it.</summary>
    public bool KeepsOut(ReadOnlySpan<byte> utf8) => IsEmpty || utf8.IndexOfAny(_starts) < 0;

    /// <summary>Cuts a text into added tokens and what lies between them. White space that two tokens claim belongs to both.</summary>
    /// <exception cref="DatasetException">A token is itself white space that the one before it took.</exception>
    public List<FoundToken> Split(ReadOnlySpan<byte> text)
    {
        var parts = new List<FoundToken>();
        var done = 0;
        for (var i = 0; text[i..].IndexOfAny(_starts) is >= 0 and var distance;)
        {
            // Most bytes start no token.
            i += distance;
            if (_trie.LongestPrefix(text[i..], out var id) is not (> 0 and var length))
            {
                i++;
                continue;
            }

            var (start, end) = (i, i + length);
            i = end;
            var token = byId[id];
            if (token.SingleWord && TouchesWord(text, start, end))
            {
                continue;
            }

            start = token.StripLeft ? Math.Max(WhiteSpace.StartOfRunBefore(text, start), done) : start;
            end = token.StripRight ? WhiteSpace.EndOfRunAt(text, end) : end;
            if (start > end)
            {
                throw new DatasetException(
                    TokenizerErrors.InvalidPart,
                    $"The added token '{token.Content.ReplaceLineEndings("\\n")}' is white space that the added token before it takes ('rstrip'), and takes what stands before it ('lstrip'): it has no place in the text. Take 'lstrip' away from it.");
            }

            if (done < start)
            {
                parts.Add(new FoundToken(-1, new TextRange(done, start)));
            }

            parts.Add(new FoundToken(id, new TextRange(start, end)));
            done = end;
        }

        if (done != text.Length)
        {
            parts.Add(new FoundToken(-1, new TextRange(done, text.Length)));
        }

        return parts;
    }

    private static bool TouchesWord(ReadOnlySpan<byte> text, int start, int end) =>
        (start > 0 && ReferenceSets.Word.Contains(Utf8Scalars.DecodeBefore(text, start, out _)))
        || (end < text.Length && ReferenceSets.Word.Contains(Utf8Scalars.Decode(text, end, out _)));
}
