using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Where Metaspace puts its mark before a piece that has none.</summary>
internal enum PrependScheme
{
    /// <summary>Before what starts the original text.</summary>
    First,
    Never,
    Always,
}

/// <summary>Metaspace: writes spaces as a visible mark, puts one before a piece, and splits before each mark if asked.</summary>
internal sealed class MetaspacePreTokenizer(Rune mark, PrependScheme scheme, bool split) : IPreTokenizer
{
    private readonly byte[] _mark = Encoding.UTF8.GetBytes(mark.ToString());
    private readonly PatternPreTokenizer? _splitter =
        split ? new PatternPreTokenizer(new LiteralPattern(mark.ToString()), SplitBehavior.MergedWithNext) : null;

    public Rune Mark { get; } = mark;

    public bool SplitsAtMarks => _splitter is not null;

    public TextPieces Split(TextPieces pieces)
    {
        pieces = pieces.Rewrite(Rewrite);
        return _splitter?.Split(pieces) ?? pieces;
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => !utf8.Contains((byte)' ') && utf8.IndexOf(_mark) < 0;

    private void Rewrite(AlignedText text, TextRange range, AlignedText.Builder builder)
    {
        var starts = text.Bytes[range.Start] == ' ' || text.Bytes[range.Start..range.End].StartsWith(_mark);
        if (!starts && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && text.OriginalStartOf(range.Start) == 0)))
        {
            builder.Append(_mark, text.Origins[range.Start]);
        }

        for (var start = range.Start; start < range.End;)
        {
            var length = text.Bytes[start..range.End].IndexOf((byte)' ');
            var end = length < 0 ? range.End : start + length;
            builder.Copy(new TextRange(start, end));
            if (length >= 0)
            {
                builder.Append(_mark, text.Origins[end++]);
            }

            start = end;
        }
    }
}
