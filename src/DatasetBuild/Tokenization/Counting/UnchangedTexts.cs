using System.Runtime.CompilerServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The texts whose lines normalizer and pre-tokenizer make one piece each of, themselves but for what is put before them. Most words are of that kind, and
/// are counted without a copy of each for every part.
/// </summary>
internal sealed class UnchangedTexts
{
    private readonly INormalizer? _normalizer;
    private readonly AddedTokenFinder _added;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly byte[]? _before;

    // What is put before a line behind one line break, and behind two. Null where more than that happens.
    private readonly byte[]?[] _beforeLine = new byte[]?[2];

    /// <param name="normalizer">The parts of the tokenizer.</param>
    /// <param name="added">As <paramref name="normalizer"/>.</param>
    /// <param name="preTokenizer">As <paramref name="normalizer"/>.</param>
    /// <param name="place">Makes a text one of these, perhaps with the space before it.</param>
    public UnchangedTexts(INormalizer? normalizer, AddedTokenFinder added, IPreTokenizer? preTokenizer, Func<string, AlignedText> place)
    {
        (_normalizer, _added, _preTokenizer) = (normalizer, added, preTokenizer);
        _before = Befores(place("a")) is [var before] && Keep("a"u8) ? before : null;
        _beforeLine[0] = Befores(place("a\na")) is [_, var behindOne] ? behindOne : null;
        _beforeLine[1] = Befores(place("a\n\na")) is [_, var behindTwo] ? behindTwo : null;
    }

    /// <summary>The number of tokens of a text, or -1 if it is none of these, as far as is easily seen.</summary>
    public int TryCount(ReadOnlySpan<byte> utf8, ITokenModel model)
    {
        if (_before is null)
        {
            return -1;
        }

        var (before, count) = (_before, 0);
        while (_beforeLine[0] is not null && utf8.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var breaks = end + 1 < utf8.Length && utf8[end + 1] == '\n' ? 2 : 1;
            var line = TryCountLine(before, utf8[..end], model);
            if (line < 0 || _beforeLine[breaks - 1] is not { } next)
            {
                return -1;
            }

            count += line;
            utf8 = utf8[(end + breaks)..];
            before = next;
        }

        return TryCountLine(before, utf8, model) is >= 0 and var last ? count + last : -1;
    }

    [SkipLocalsInit]
    private int TryCountLine(ReadOnlySpan<byte> before, ReadOnlySpan<byte> line, ITokenModel model)
    {
        if (line.IsEmpty || !Keep(line))
        {
            return -1;
        }

        using var piece = new JoinedBytes(before, line, stackalloc byte[JoinedBytes.Room]);
        return model.Count(piece.Bytes);
    }

    private bool Keep(ReadOnlySpan<byte> line) => (_normalizer?.Keeps(line) ?? true) && _added.KeepsOut(line) && (_preTokenizer?.Keeps(line) ?? true);

    /// <summary>What stands before the letter a in each piece of a text; null if it is not that, or a part may look at what stands there.</summary>
    private byte[][]? Befores(AlignedText letters)
    {
        try
        {
            var normalized = _normalizer?.Normalize(letters) ?? letters;
            var whole = new TextPieces(normalized, [new TextRange(0, normalized.Length)]);
            var (text, ranges) = normalized.Length == 0 ? whole : _preTokenizer?.Split(whole) ?? whole;
            var pieces = ranges.ConvertAll(range => Encoding.UTF8.GetString(text.Bytes[range.Start..range.End]));
            return pieces.TrueForAll(piece => piece is "a" or " a" or "\u2581a") && _added.KeepsOut(normalized.Bytes) ? [.. pieces.Select(piece => Encoding.UTF8.GetBytes(piece[..^1]))] : null;
        }
        catch (DatasetException)
        {
            // A part goes astray even on this, which is told when there is a text.
            return null;
        }
    }
}
