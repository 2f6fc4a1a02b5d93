namespace DatasetBuild.Tokenization;

/// <summary>Byte-level BPE with a pattern that has a scanner: the text is cut where it stands, and bytes are merged inside each piece.</summary>
internal sealed class ByteLevelSegments(BytePairEncoder encoder, SplitPattern pattern) : ISegmentEncoder
{
    public int Count(ReadOnlySpan<byte> text, TextRange segment)
    {
        // A pattern must not see what lies beyond the segment.
        var utf8 = text[segment.Start..segment.End];
        var count = 0;
        for (var start = 0; start < utf8.Length;)
        {
            var end = pattern.PieceEnd(utf8, start);
            count += encoder.Count(utf8[start..end]);
            start = end;
        }

        return count;
    }

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens)
    {
        var utf8 = text[segment.Start..segment.End];
        for (var start = 0; start < utf8.Length;)
        {
            var end = pattern.PieceEnd(utf8, start);
            encoder.Encode(utf8[start..end], segment.Start + start, tokens);
            start = end;
        }
    }
}
