namespace DatasetBuild.Tokenization;

/// <summary>Counts words as runs of characters without the Unicode property White_Space, so punctuation sticks to its word.</summary>
public sealed class WordCounter : ITextCounter
{
    public string Identity { get; } = $"words/1 unicode={UnicodeClasses.Digest}";

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        var inWord = false;
        for (var i = 0; i < utf8.Length;)
        {
            var space = UnicodeClasses.Is(Utf8Scalars.Decode(utf8, i, out var length), UnicodeClasses.WhiteSpace);
            count += !space && !inWord ? 1 : 0;
            inWord = !space;
            i += length;
        }

        return count;
    }
}
