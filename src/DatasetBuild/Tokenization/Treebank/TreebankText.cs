namespace DatasetBuild.Tokenization;

/// <summary>The character classes of Python's regular expressions, which the rules of NLTK are written in.</summary>
internal static class TreebankText
{
    /// <summary><c>\s</c> and <c>str.split()</c>: Unicode White_Space and four control characters that separate records.</summary>
    public static bool IsSpace(int c) => c is ' ' or '\n' or (>= 0x1C and <= 0x1F) || UnicodeClasses.Is(c, UnicodeClasses.WhiteSpace);

    /// <summary><c>\w</c>: letters, numbers and the underscore.</summary>
    public static bool IsWord(int c) => c == '_' || UnicodeClasses.Is(c, UnicodeClasses.Letter | UnicodeClasses.Number);

    /// <summary><c>\d</c></summary>
    public static bool IsDigit(int c) => UnicodeClasses.Is(c, UnicodeClasses.Digit);

    /// <summary>Lower case of the letters that English contractions are spelled with, as <c>(?i)</c> compares them.</summary>
    public static int Fold(int c) => c switch
    {
        >= 'A' and <= 'Z' => c | 0x20,
        0x17F => 's', // long s
        0x130 or 0x131 => 'i', // dotted capital and dotless small i
        _ => c,
    };

    /// <summary>Whether the text at <paramref name="start"/> is <paramref name="word"/> (lower case) in any case.</summary>
    public static bool StartsWith(ReadOnlySpan<int> text, int start, string word)
    {
        if (text.Length - start < word.Length)
        {
            return false;
        }

        for (var i = 0; i < word.Length; i++)
        {
            if (Fold(text[start + i]) != word[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>\b</c> behind a word character.</summary>
    public static bool IsWordEnd(ReadOnlySpan<int> text, int end) => end >= text.Length || !IsWord(text[end]);

    /// <summary>The end of the run of white space at <paramref name="start"/>.</summary>
    public static int SpaceEnd(ReadOnlySpan<int> text, int start)
    {
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return start;
    }
}
