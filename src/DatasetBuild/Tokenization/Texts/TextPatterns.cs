using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Each character of a set is a match.</summary>
internal sealed class CharacterPattern(CodePointSet set) : ITextPattern
{
    public CodePointSet Set { get; } = set;

    public void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches)
    {
        for (var i = 0; i < text.Length;)
        {
            var code = Utf8Scalars.Decode(text, i, out var length);
            if (Set.Contains(code))
            {
                matches.Add(new TextRange(i, i + length));
            }

            i += length;
        }
    }

    public bool KeepsOut(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length;)
        {
            if (Set.Contains(Utf8Scalars.Decode(utf8, i, out var length)))
            {
                return false;
            }

            i += length;
        }

        return true;
    }
}

/// <summary>Each occurrence of a text is a match. The text is not empty.</summary>
internal sealed class LiteralPattern(string literal) : ITextPattern
{
    private readonly byte[] _literal = Encoding.UTF8.GetBytes(literal);
    private readonly byte[][] _characters = [.. literal.EnumerateRunes().Distinct().Select(character => Encoding.UTF8.GetBytes(character.ToString()))];

    public string Literal { get; } = literal;

    public void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches)
    {
        for (var start = 0; text[start..].IndexOf(_literal) is >= 0 and var place;)
        {
            start += place;
            matches.Add(new TextRange(start, start + _literal.Length));
            start += _literal.Length;
        }
    }

    public bool KeepsOut(ReadOnlySpan<byte> utf8)
    {
        foreach (var character in _characters)
        {
            if (utf8.IndexOf(character) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Each run of two spaces or more is a match: <c> {2,}</c>, which most SentencePiece models that became a tokenizer.json have.</summary>
internal sealed class SpaceRunPattern : ITextPattern
{
    public const string Expression = " {2,}";

    public void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches)
    {
        for (var start = 0; text[start..].IndexOf("  "u8) is >= 0 and var place;)
        {
            start += place;
            var length = text[start..].IndexOfAnyExcept((byte)' ');
            var end = length < 0 ? text.Length : start + length;
            matches.Add(new TextRange(start, end));
            start = end;
        }
    }

    public bool KeepsOut(ReadOnlySpan<byte> utf8) => !utf8.Contains((byte)' ');
}

/// <summary>The pieces of a hand-written scanner, which cover the text.</summary>
internal sealed class ScannerPattern(SplitPattern scanner) : ITextPattern
{
    public void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = scanner.PieceEnd(text, start);
            matches.Add(new TextRange(start, end));
            start = end;
        }
    }
}

/// <summary>The matches of a regular expression; an empty one right behind another match does not count.</summary>
internal sealed class ExpressionPattern(string pattern) : ITextPattern
{
    private readonly ExpressionProgram _program = ExpressionCompiler.Compile(pattern);

    public void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches)
    {
        var matcher = new ExpressionMatcher(_program, text);
        try
        {
            for (var (start, last) = (0, -1); start <= text.Length && matcher.Find(start, out var from, out var to);)
            {
                if (from == to && to == last)
                {
                    start += start < text.Length ? Utf8Scalars.Length(text[start]) : 1;
                    continue;
                }

                matches.Add(new TextRange(from, to));
                start = last = to;
            }
        }
        catch (ExpressionException e)
        {
            throw new DatasetException(
                TokenizerErrors.TooMuchWork, $"The tokenizer's pattern {pattern} goes astray: {e.Message}. The pattern has to be written without nested repetitions.", inner: e);
        }
    }
}
