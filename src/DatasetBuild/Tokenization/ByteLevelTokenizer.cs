using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>A byte-level BPE tokenizer: a pattern cuts the text into pieces, and bytes are merged inside each piece.</summary>
internal sealed class ByteLevelTokenizer(TokenTable tokens, BytePairEncoder encoder, SplitPattern pattern, string identity) : ITokenizer
{
    /// <summary>Pieces that are cut at a time.</summary>
    private const int PiecesAtATime = 512;

    // Reads differently where bytes stand in another order.
    private const int ImageMark = 0x01020304;

    private readonly WordTables _words = new();

    public string Identity { get; } = identity;

    /// <summary>One more than the highest id of the vocabulary; added tokens are not part of it.</summary>
    public int VocabularySize => tokens.Size;

    /// <summary>Whether the tokenizer can be written: its pattern has a name to know it by.</summary>
    public bool HasImage => PublishedPatterns.Named(pattern.Name) == pattern;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ByteLevelTokenizer Read(ImageReader image)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var identity = image.ReadText();
        var pattern = PublishedPatterns.Named(image.ReadText());
        ImageReader.Expect(pattern is not null);
        var tokens = TokenTable.Read(image);
        var encoder = BytePairEncoder.Read(image, tokens);
        ImageReader.Expect(image.AtEnd);
        return new ByteLevelTokenizer(tokens, encoder, pattern!, identity);
    }

    /// <summary>Writes the tokenizer as it stands in memory; see <see cref="HasImage"/>.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(ImageMark);
        image.Write(Identity);
        image.Write(pattern.Name);
        tokens.Write(image);
        encoder.Write(image);
    }

    /// <summary>The same tokenizer, which has met no word yet.</summary>
    public ByteLevelTokenizer WithoutWords() => new(tokens, encoder, pattern, Identity);

    [SkipLocalsInit]
    public int Count(ReadOnlySpan<byte> utf8)
    {
        // The table of words cannot tell a zero byte from the end of a word.
        var words = utf8.Contains((byte)0) ? null : _words.Take();
        var count = 0;
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            var pieces = ends[..pattern.Split(utf8, start, ends)];
            count += words?.Count(utf8, start, pieces, encoder) ?? Count(utf8, start, pieces);
            start = pieces[^1];
        }

        if (words is not null)
        {
            _words.Return(words);
        }

        return count;
    }

    [SkipLocalsInit]
    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            foreach (var end in ends[..pattern.Split(utf8, start, ends)])
            {
                encoder.Encode(utf8[start..end], start, tokens);
                start = end;
            }
        }
    }

    public ReadOnlySpan<byte> Bytes(int id) => tokens.Bytes(id);

    private int Count(ReadOnlySpan<byte> utf8, int start, ReadOnlySpan<int> ends)
    {
        var count = 0;
        foreach (var end in ends)
        {
            count += encoder.Count(utf8[start..end]);
            start = end;
        }

        return count;
    }
}
