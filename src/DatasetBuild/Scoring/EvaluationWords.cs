using System.Buffers.Binary;
using System.Security.Cryptography;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// The words of all evaluation items, folded, end to end. Words of one text are separated by a space. A text ends with <see cref="EndOfText"/>, or with
/// <see cref="EndOfPart"/> where it is only a part of what the item says, and so nothing by itself when it is short; an item ends with <see cref="EndOfItem"/>.
/// </summary>
internal sealed class EvaluationWords
{
    public const byte EndOfText = (byte)'\n';
    public const byte EndOfPart = (byte)'\r';
    public const byte EndOfItem = 0;
    private const byte Space = (byte)' ';

    private readonly byte[] content;
    private readonly int[] starts;
    private readonly int[] firstWords;

    /// <param name="content">Texts as described, folded by <see cref="FoldedWords"/>.</param>
    public EvaluationWords(byte[] content)
    {
        this.content = content;
        var words = new List<int>();
        var items = new List<int> { 0 };
        var inWord = false;
        for (var i = 0; i < content.Length; i++)
        {
            var isWord = content[i] > Space;
            if (isWord && !inWord)
            {
                words.Add(i);
            }

            inWord = isWord;
            if (content[i] == EndOfItem)
            {
                items.Add(words.Count);
            }
        }

        starts = [.. words];
        firstWords = [.. items];
        Digest = SHA256.HashData(content);
    }

    /// <summary>SHA-256 of all words and of how they fall into texts and items.</summary>
    public byte[] Digest { get; }

    public int ItemCount => firstWords.Length - 1;

    public int WordCount => starts.Length;

    /// <summary>The number of the item that a word belongs to, from 0.</summary>
    public int ItemOf(int word)
    {
        int low = 0, high = firstWords.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = firstWords[middle] <= word ? (middle, high) : (low, middle - 1);
        }

        // Items without words share a first word with the one behind them; the last of those has the word.
        return low;
    }

    /// <summary>The texts of all items, by their words.</summary>
    public IEnumerable<EvaluationTextRange> Texts()
    {
        var first = 0;
        for (var word = 0; word < starts.Length; word++)
        {
            var end = EndOf(word);
            if (content[end] != Space)
            {
                yield return new EvaluationTextRange(first, word + 1 - first, content[end] == EndOfText);
                first = word + 1;
            }
        }
    }

    /// <summary>The bytes of one word.</summary>
    public ReadOnlySpan<byte> this[int word] => content.AsSpan(starts[word], EndOf(word) - starts[word]);

    /// <summary>Some words in a row as they are shown.</summary>
    public string Show(int word, int count) => System.Text.Encoding.UTF8.GetString(content.AsSpan(starts[word], EndOf(word + count - 1) - starts[word]));

    /// <summary>How many words in a row are the same in a text, from a word of it on, and in an item's text; 0 where not even the first is.</summary>
    /// <param name="text">As <see cref="FoldedWords.Of"/> gives it.</param>
    /// <param name="offset">Where a word of it starts.</param>
    /// <param name="word">A word of an item.</param>
    public int CommonRun(ReadOnlySpan<byte> text, int offset, int word)
    {
        var folds = FoldedWords.Folds;
        var at = starts[word];
        for (var run = 0; ; run++)
        {
            while (offset < text.Length && content[at] > Space && folds[text[offset]] == content[at])
            {
                offset++;
                at++;
            }

            if (content[at] > Space || (offset < text.Length && folds[text[offset]] != 0))
            {
                return run;
            }

            while (offset < text.Length && folds[text[offset]] == 0)
            {
                offset++;
            }

            if (content[at++] != Space || offset == text.Length)
            {
                return run + 1;
            }
        }
    }

    /// <summary>Whether a word is the last of its text.</summary>
    public bool EndsText(int word) => content[EndOf(word)] != Space;

    private int EndOf(int word)
    {
        var end = starts[word];
        while (content[end] > Space)
        {
            end++;
        }

        return end;
    }
}

/// <summary>The words of one text of an item: <paramref name="Count"/> of them from number <paramref name="First"/> on.</summary>
/// <param name="First">The number of its first word.</param>
/// <param name="Count">How many words it has, at least one.</param>
/// <param name="CountsWhole">Whether a short text is looked for as a whole.</param>
internal readonly record struct EvaluationTextRange(int First, int Count, bool CountsWhole);

/// <summary>
/// The first words that a record shares with an evaluation item: <paramref name="Length"/> of them from the item's word <paramref name="Word"/> on; a length of 0
/// is none.
/// </summary>
internal readonly record struct SharedWords(int Word, int Length)
{
    public const int Size = 8;

    public static SharedWords Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Word);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Length);
    }
}
