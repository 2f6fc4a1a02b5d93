using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>What of a text does not count when texts are compared. White space never counts: every run of it is one space.</summary>
[Flags]
public enum TextFolds
{
    None = 0,

    /// <summary>Case: each character's lower case, without a language.</summary>
    Lower = 1,

    /// <summary>Every character but letters, numbers and marks is white space; format characters (category Cf) are nothing.</summary>
    Punctuation = 2,

    /// <summary>Decimal numbers, <c>3.14</c> and <c>1,000</c> among them, are all <c>0</c>.</summary>
    Numbers = 4,

    /// <summary>Characters are decomposed (NFD) and lose their nonspacing marks.</summary>
    Diacritics = 8,
}

/// <summary>How texts are brought to words: what does not count in them, and where one word ends.</summary>
/// <param name="Folds">What does not count.</param>
/// <param name="IsDataTrove">
/// As datatrove's <c>simplify_text</c> followed by a split at white space: a list of punctuation of its own, the final sigma, and no word ends but at white space.
/// Otherwise each letter of a script that is written without spaces is a word.
/// </param>
public sealed record FoldingRule(TextFolds Folds, bool IsDataTrove)
{
    public static FoldingRule Default { get; } = new(TextFolds.Lower | TextFolds.Punctuation, IsDataTrove: false);

    public static FoldingRule DataTrove { get; } = new(TextFolds.Lower | TextFolds.Punctuation | TextFolds.Numbers | TextFolds.Diacritics, IsDataTrove: true);

    /// <summary>Changes whenever a result could change: the folds and the Unicode data that they use.</summary>
    public string Identity =>
        $"fold/1 {(IsDataTrove ? "datatrove" : Folds.ToString().Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant())}"
        + $" unicode={NormalizationData.UnicodeVersion},{UnicodeData.UnicodeVersion},{UnicodeClasses.Digest}";
}
