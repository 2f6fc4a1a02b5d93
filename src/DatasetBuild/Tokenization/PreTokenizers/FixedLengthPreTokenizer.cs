namespace DatasetBuild.Tokenization;

/// <summary>FixedLength: pieces of a number of characters, the last one shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int characters) : IPreTokenizer
{
    public TextPieces Split(TextPieces pieces)
    {
        var ranges = new List<TextRange>();
        foreach (var piece in pieces.Ranges)
        {
            for (var start = piece.Start; start < piece.End;)
            {
                var end = start;
                for (var i = 0; i < characters && end < piece.End; i++)
                {
                    end += Utf8Scalars.Length(pieces.Text.Bytes[end]);
                }

                ranges.Add(new TextRange(start, end));
                start = end;
            }
        }

        return pieces with { Ranges = ranges };
    }
}
