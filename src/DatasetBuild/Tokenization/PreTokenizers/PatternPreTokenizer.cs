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
        var parts = new PartList(behavior, piece.Start, ranges);
        var last = 0;
        foreach (var match in matches)
        {
            if (match.Start != last)
            {
                parts.Add(last, match.Start, invert);
            }

            parts.Add(match.Start, match.End, !invert);
            last = match.End;
        }

        if (last != piece.Length)
        {
            parts.Add(last, piece.Length, invert);
        }

        parts.Finish();
    }

    /// <summary>Adds the parts of one piece to the ranges, joined as the behavior says.</summary>
    private ref struct PartList(SplitBehavior behavior, int offset, List<TextRange> ranges)
    {
        private readonly int _first = ranges.Count;

        // The flag before the first part counts as no match, which the library's own start value makes it.
        private bool _isBehindMatch;
        private bool _hasEmpty;

        public void Add(int start, int end, bool isMatch)
        {
            var joins = behavior switch
            {
                SplitBehavior.Contiguous => isMatch == _isBehindMatch,
                SplitBehavior.MergedWithPrevious => isMatch && !_isBehindMatch,
                SplitBehavior.MergedWithNext => !isMatch && _isBehindMatch,
                _ => false,
            };
            _isBehindMatch = isMatch;
            if (joins && ranges.Count > _first)
            {
                ranges[^1] = ranges[^1] with { End = offset + end };
            }
            else if (behavior != SplitBehavior.Removed || !isMatch)
            {
                ranges.Add(new TextRange(offset + start, offset + end));
                _hasEmpty |= start == end;
            }
        }

        /// <summary>What an empty match left, unless something was joined to it.</summary>
        public readonly void Finish()
        {
            if (_hasEmpty)
            {
                var kept = ranges.GetRange(_first, ranges.Count - _first);
                ranges.RemoveRange(_first, kept.Count);
                ranges.AddRange(kept.Where(range => range.Length > 0));
            }
        }
    }
}
