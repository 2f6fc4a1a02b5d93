using System.Globalization;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The character classes of the reference library's parts. Each part carries the tables of the Unicode version it was built with, so the same
/// question has different answers in one tokenizer; every set names its version and what else differs.
/// </summary>
internal static class ReferenceSets
{
    private static readonly Lazy<CodePointSet> LazyPunctuation = new(() => CodePointSet.Where(IsPunctuation));
    private static readonly Lazy<CodePointSet> LazyNonspacing = new(() => CodePointSet.Where(IsNonspacing));
    private static readonly Lazy<CodePointSet> LazyControl = new(() => CodePointSet.Where(IsControl));
    private static readonly Lazy<CodePointSet> LazyMarks = new(() => CodePointSet.Where(IsMark));
    private static readonly Lazy<CodePointSet> LazyNumeric = new(() =>
        CodePointSet.Where(code => UnicodeClasses.Is(code, UnicodeClasses.Number) || code is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6)));

    private static readonly Lazy<CodePointSet> LazyWhiteSpace = new(() => CodePointSet.Where(code => UnicodeClasses.Is(code, UnicodeClasses.WhiteSpace)));
    private static readonly Lazy<CodePointSet> LazyWord = new(() => CodePointSet.Where(UnicodeClasses.IsWord).Union(CodePointSet.Of(0x200C, 0x200D)));

    /// <summary>Punctuation of Unicode 8.0 and all ASCII punctuation: the pre-tokenizers Punctuation and BertPreTokenizer.</summary>
    public static CodePointSet Punctuation => LazyPunctuation.Value;

    /// <summary>Nonspacing marks of Unicode 8.0: BertNormalizer's strip_accents.</summary>
    public static CodePointSet Nonspacing => LazyNonspacing.Value;

    /// <summary>Control, format (Unicode 8.0) and private-use characters: BertNormalizer's clean_text.</summary>
    public static CodePointSet Control => LazyControl.Value;

    /// <summary>Marks of Unicode 9.0: StripAccents.</summary>
    public static CodePointSet Marks => LazyMarks.Value;

    /// <summary>Numbers of Unicode 17.0: Digits.</summary>
    public static CodePointSet Numeric => LazyNumeric.Value;

    /// <summary>The property White_Space.</summary>
    public static CodePointSet WhiteSpace => LazyWhiteSpace.Value;

    /// <summary><c>\w</c> of Unicode 16.0 as the Whitespace pre-tokenizer and added tokens use it, which includes the joiners U+200C and U+200D.</summary>
    public static CodePointSet Word => LazyWord.Value;

    /// <summary>The script of Unicode 9.0, which is the pre-tokenizer UnicodeScripts' table; -1 without one.</summary>
    public static int Script(int code) => code switch
    {
        0x589 or 0x61C => UnicodeTables.Script(' '),
        0x953 or 0x954 => UnicodeTables.Script(0x905),
        _ => UnicodeTables.Age(code) <= 90 ? UnicodeTables.Script(code) : -1,
    };

    private static bool IsPunctuation(int code) =>
        code < 0x80
            ? code is > ' ' and < 0x7F && !char.IsAsciiLetterOrDigit((char)code)
            : code is 0x166D or 0x111C9 || (UnicodeTables.Age(code) == 0 && UnicodeClasses.Is(code, UnicodeClasses.Punctuation));

    // Of a few characters the category was changed after 8.0.
    private static bool IsNonspacing(int code) =>
        code is 0x1734 or 0x1171E
        || (UnicodeTables.Age(code) == 0
            && UnicodeClasses.Is(code, 1u << (int)UnicodeCategory.NonSpacingMark)
            && code is not (0x1885 or 0x1886 or 0xA9BD or 0x111C9));

    private static bool IsControl(int code)
    {
        const uint always = (1u << (int)UnicodeCategory.Control) | (1u << (int)UnicodeCategory.PrivateUse);
        return UnicodeClasses.Is(code, always) || (UnicodeTables.Age(code) == 0 && UnicodeClasses.Is(code, 1u << (int)UnicodeCategory.Format));
    }

    private static bool IsMark(int code) =>
        code is 0x1CF2 or 0x1CF3 || (UnicodeTables.Age(code) <= 90 && UnicodeClasses.Is(code, UnicodeClasses.Mark) && code != 0x111C9);
}
