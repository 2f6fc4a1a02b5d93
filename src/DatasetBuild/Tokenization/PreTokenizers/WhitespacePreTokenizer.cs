namespace DatasetBuild.Tokenization;

/// <summary>Whitespace: runs of word characters, and runs of what is neither that nor white space.</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Other,
    }

    public TextPieces Split(TextPieces pieces)
    {
        var ranges = new List<TextRange>();
        foreach (var piece in pieces.Ranges)
        {
            var (start, kind) = (piece.Start, Kind.Space);
            for (var i = piece.Start; i < piece.End;)
            {
                var next = KindOf(Utf8Scalars.Decode(pieces.Text.Bytes, i, out var length));
                if (next != kind)
                {
                    Add(start, i, kind);
                    (start, kind) = (i, next);
                }

                i += length;
            }

            Add(start, piece.End, kind);
        }

        return pieces with { Ranges = ranges };

        void Add(int start, int end, Kind kind)
        {
            if (kind != Kind.Space && end > start)
            {
                ranges.Add(new TextRange(start, end));
            }
        }
    }

    public bool Keeps(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length;)
        {
            if (KindOf(Utf8Scalars.Decode(utf8, i, out var length)) != Kind.Word)
            {
                return false;
            }

            i += length;
        }

        return true;
    }

    private static Kind KindOf(int code) =>
        ReferenceSets.Word.Contains(code) ? Kind.Word : UnicodeClasses.Is(code, UnicodeClasses.WhiteSpace) ? Kind.Space : Kind.Other;
}
