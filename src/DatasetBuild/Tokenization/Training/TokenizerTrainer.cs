namespace DatasetBuild.Tokenization;

/// <summary>What kind of tokenizer is trained.</summary>
/// <param name="Pattern">How texts are cut into pieces.</param>
/// <param name="VocabularySize">Tokens in all: the 256 single bytes, what merges make, and the special tokens. Where no pair is left there are fewer.</param>
/// <param name="SpecialTokens">Tokens that stand for themselves and are never merged; they get the highest ids.</param>
/// <param name="MinFrequency">A pair that occurs less often is not merged; at least 1.</param>
public sealed record TrainingOptions(TrainingPattern Pattern, int VocabularySize, IReadOnlyList<string> SpecialTokens, long MinFrequency = 1);

/// <summary>
/// Trains a byte-level BPE tokenizer. Texts are cut into pieces and only these are kept, so memory does not grow with the texts but with what is new
/// in them. The same texts in the same order give the same tokenizer. For one thread.
/// </summary>
public sealed class TokenizerTrainer
{
    private readonly TrainingOptions _options;
    private readonly DistinctPieces _pieces = new();

    /// <exception cref="DatasetException">There can be no such vocabulary (DSB3021).</exception>
    public TokenizerTrainer(TrainingOptions options)
    {
        Check(options);
        _options = options;
    }

    /// <summary>Texts so far.</summary>
    public long Texts { get; private set; }

    /// <summary>Bytes of all texts so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Pieces of all texts so far.</summary>
    public long Pieces { get; private set; }

    /// <summary>How many of them are different.</summary>
    public int PiecesOnce => _pieces.Count;

    /// <summary>Takes in a text, valid UTF-8.</summary>
    /// <exception cref="DatasetException">There are too many distinct pieces (DSB3019), or the pattern takes too many steps on it (DSB3015).</exception>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        Texts++;
        Bytes += utf8.Length;
        Pieces += _options.Pattern.Split(utf8, _pieces.Add);
    }

    /// <summary>Learns merges from the texts until the vocabulary is full or no pair is left.</summary>
    /// <param name="progress">Receives how many merges of how many are made.</param>
    /// <param name="cancel">Stops between two merges.</param>
    /// <exception cref="DatasetException">What is learned is written as a special token is (DSB3021).</exception>
    public TrainedTokenizer Train(Action<long, long>? progress = null, CancellationToken cancel = default)
    {
        var tokens = new List<byte[]>(_options.VocabularySize);
        var byteSymbols = ByteSymbols(tokens);
        var learner = new MergeLearner(_pieces, byteSymbols);
        var merges = new List<(int Left, int Right)>();
        var most = _options.VocabularySize - _options.SpecialTokens.Count - tokens.Count;
        while (merges.Count < most && learner.TryMerge(_options.MinFrequency, out var merge))
        {
            cancel.ThrowIfCancellationRequested();
            merges.Add(merge);
            tokens.Add([.. tokens[merge.Left], .. tokens[merge.Right]]);
            if (merges.Count % 256 == 0)
            {
                progress?.Invoke(merges.Count, most);
            }
        }

        RefuseLearned(tokens);
        return new TrainedTokenizer(_options.Pattern, tokens, merges, _options.SpecialTokens);
    }

    /// <summary>A file has one token a text: a special one that is written like another would be that other one.</summary>
    private void RefuseLearned(List<byte[]> tokens)
    {
        var special = _options.SpecialTokens.ToHashSet(StringComparer.Ordinal);
        if (special.Count > 0 && tokens.Select(token => ByteLevelAlphabet.Encode(token)).FirstOrDefault(special.Contains) is { } learned)
        {
            throw Impossible($"The special token '{learned}' is written as a token of the vocabulary is, a byte or a merge. Give it a form that no text has, such as <|{learned}|>.");
        }
    }

    /// <summary>The single bytes come first, in the order of the characters that they are written in, as in GPT-2's vocabulary.</summary>
    private static int[] ByteSymbols(List<byte[]> tokens)
    {
        var symbols = new int[256];
        foreach (var b in Enumerable.Range(0, symbols.Length).OrderBy(b => ByteLevelAlphabet.Encode((byte)b)))
        {
            symbols[b] = tokens.Count;
            tokens.Add([(byte)b]);
        }

        return symbols;
    }

    private static void Check(TrainingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinFrequency, 1);
        var special = options.SpecialTokens;
        var least = 256 + special.Count;
        if (options.VocabularySize < least || options.VocabularySize > TokenTable.IdLimit)
        {
            throw Impossible(
                $"A vocabulary of {options.VocabularySize} tokens is not possible: it holds the 256 bytes and {special.Count} special tokens, {least} at least, and at most {TokenTable.IdLimit}.");
        }

        if (special.FirstOrDefault(token => token.Length == 0 || special.Count(other => other == token) > 1) is { } wrong)
        {
            throw Impossible(wrong.Length == 0 ? "A special token must not be empty." : $"The special token '{wrong}' is given twice.");
        }
    }

    private static DatasetException Impossible(string message) => new(TokenizerErrors.ImpossibleVocabulary, message);
}
