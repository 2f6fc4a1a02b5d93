using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts the words of NLTK's <c>word_tokenize</c>: sentences first, then Treebank words in each by the rules of NLTK 3.8. This is the length
/// by which Zhao et al., "Long Is More for Alignment" (2024), rank responses. Sentences are found by rules (<see cref="SentenceSplitter"/>) and
/// not by NLTK's trained model, so a count can differ by one where the two disagree about a period. The time is linear in the text.
/// </summary>
public sealed class TreebankCounter : ITextCounter
{
    public string Identity { get; } = $"treebank-words/1 unicode={UnicodeClasses.Digest}";

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var rented = ArrayPool<int>.Shared.Rent(utf8.Length + 1);
        var length = 0;
        for (var i = 0; i < utf8.Length; length++)
        {
            rented[length] = Utf8Scalars.Decode(utf8, i, out var bytes);
            i += bytes;
        }

        var text = rented.AsSpan(0, length);
        var words = 0;
        using var sentence = new TreebankSentence();
        for (var start = TreebankText.SpaceEnd(text, 0); start < length;)
        {
            var end = SentenceSplitter.SentenceEnd(text, start);
            words += sentence.CountWords(text[start..end]);
            start = TreebankText.SpaceEnd(text, end);
        }

        ArrayPool<int>.Shared.Return(rented);
        return words;
    }
}
