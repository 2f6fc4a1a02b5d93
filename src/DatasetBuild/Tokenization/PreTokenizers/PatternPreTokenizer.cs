namespace DatasetBuild.Tokenization;

/// <summary>Splits pieces at the matches of a pattern, or, inverted, at what lies between them.</summary>
internal sealed class PatternPreTokenizer(ITextPattern pattern, SplitBehavior behavior, bool invert = false) : IPreTokenizer
{
    public ITextPattern Pattern => pattern;

    public SplitBehavior Behavior => behavior;

    public bool IsInverted => invert;

    public TextPieces Split(TextPieces pieces)
    {
        var ranges = new List<TextRange>(pieces.Ranges.Count);
        var matches = new List<TextRange>();
        foreach (var piece in pieces.Ranges)
        {
            matches.Clear();
            pattern.FindAll(pieces.Text.Bytes[piece.Start..piece.End], matches);
            Append(piece, matches, ranges);
        }

        return pieces with { Ranges = ranges };
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => !invert && pattern.KeepsOut(utf8);

    private void Append(TextRange piece, List<TextRange> matches, List<TextRange> ranges)
    {
        var parts = new List<(TextRange Range, bool IsMatch)>((matches.Count * 2) + 1);
        var last = 0;
        foreach (var match in matches)
        {
            if (match.Start != last)
            {
                parts.Add((new TextRange(last, match.Start), invert));
            }

            parts.Add((match, !invert));
            last = match.End;
        }

        if (last != piece.Length)
        {
            parts.Add((new TextRange(last, piece.Length), invert));
        }

        foreach (var range in Merge(parts))
        {
            if (range.Length > 0)
            {
                ranges.Add(new TextRange(piece.Start + range.Start, piece.Start + range.End));
            }
        }
    }

    private IEnumerable<TextRange> Merge(List<(TextRange Range, bool IsMatch)> parts) => behavior switch
    {
        SplitBehavior.Removed => parts.Where(part => !part.IsMatch).Select(part => part.Range),
        SplitBehavior.Isolated => parts.Select(part => part.Range),
        SplitBehavior.Contiguous => Join(parts, (previous, match) => previous == match),
        SplitBehavior.MergedWithPrevious => Join(parts, (previous, match) => match && !previous),
        _ => JoinBackwards(parts),
    };

    // The flag before the first part counts as no match, which the library's own start value makes it.
    private static List<TextRange> Join(List<(TextRange Range, bool IsMatch)> parts, Func<bool, bool, bool> joins)
    {
        var ranges = new List<TextRange>(parts.Count);
        var previous = false;
        foreach (var (range, match) in parts)
        {
            if (joins(previous, match) && ranges.Count > 0)
            {
                ranges[^1] = ranges[^1] with { End = range.End };
            }
            else
            {
                ranges.Add(range);
            }

            previous = match;
        }

        return ranges;
    }

    private static List<TextRange> JoinBackwards(List<(TextRange Range, bool IsMatch)> parts)
    {
        var ranges = new List<TextRange>(parts.Count);
        var next = false;
        foreach (var (range, match) in Enumerable.Reverse(parts))
        {
            if (match && !next && ranges.Count > 0)
            {
                ranges[^1] = ranges[^1] with { Start = range.Start };
            }
            else
            {
                ranges.Add(range);
            }

            next = match;
        }

        ranges.Reverse();
        return ranges;
    }
}
