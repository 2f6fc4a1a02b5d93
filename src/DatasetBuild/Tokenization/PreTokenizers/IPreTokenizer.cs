namespace DatasetBuild.Tokenization;

/// <summary>A text and the pieces that it is cut into so far, in order; none is empty.</summary>
internal sealed record TextPieces(AlignedText Text, List<TextRange> Ranges)
{
    /// <summary>Builds a new text from the pieces, each rewritten by itself.</summary>
    public TextPieces Rewrite(Action<AlignedText, TextRange, AlignedText.Builder> rewrite)
    {
        var builder = new AlignedText.Builder(Text);
        var ranges = new List<TextRange>(Ranges.Count);
        foreach (var range in Ranges)
        {
            var start = builder.Length;
            rewrite(Text, range, builder);
            ranges.Add(new TextRange(start, builder.Length));
        }

        return new TextPieces(builder.Build(), ranges);
    }
}

/// <summary>Cuts pieces of a text into smaller ones, and may rewrite them. Immutable and thread-safe.</summary>
internal interface IPreTokenizer
{
    TextPieces Split(TextPieces pieces);

    /// <summary>As <see cref="INormalizer.Keeps"/>, and that the text is one piece with what stands before it, if it is where that text is a letter.</summary>
    bool Keeps(ReadOnlySpan<byte> utf8) => false;
}

/// <summary>One pre-tokenizer after the other.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] steps) : IPreTokenizer
{
    public IReadOnlyList<IPreTokenizer> Steps => steps;

    public TextPieces Split(TextPieces pieces)
    {
        foreach (var step in steps)
        {
            pieces = step.Split(pieces);
        }

        return pieces;
    }

    public bool Keeps(ReadOnlySpan<byte> utf8)
    {
        foreach (var step in steps)
        {
            if (!step.Keeps(utf8))
            {
                return false;
            }
        }

        return true;
    }
}
