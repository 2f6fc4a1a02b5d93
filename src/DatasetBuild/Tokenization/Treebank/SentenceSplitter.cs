namespace DatasetBuild.Tokenization;

/// <summary>
/// Finds sentences as far as word counts need them, because a period ends a word only at the end of a sentence: a sentence ends after
/// <c>[.!?]+</c> with optional closing brackets and quotes before white space, unless the run is a single period and a lower-case letter
/// follows, or the word before it is a single letter or a usual abbreviation. Stands in for NLTK's trained Punkt model.
/// </summary>
internal static class SentenceSplitter
{
    private static readonly string[] Abbreviations =
        ["dr", "mr", "mrs", "ms", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "inc", "u.s", "prof", "no", "al"];

    /// <summary>Longer than any abbreviation with brackets and quotes before it; bounds the way back from each period.</summary>
    private const int LongestLookBack = 12;

    /// <summary>The end of the sentence that starts at <paramref name="start"/>, without the white space behind it.</summary>
    public static int SentenceEnd(ReadOnlySpan<int> text, int start)
    {
        var lastVisible = start;
        for (var i = start; i < text.Length;)
        {
            if (text[i] is not ('.' or '!' or '?'))
            {
                lastVisible = TreebankText.IsSpace(text[i]) ? lastVisible : i + 1;
                i++;
                continue;
            }

            var stop = i;
            while (i < text.Length && text[i] is '.' or '!' or '?')
            {
                i++;
            }

            var singlePeriod = i == stop + 1 && text[stop] == '.';
            while (i < text.Length && text[i] is ']' or ')' or '"' or '\'' or '”' or '’')
            {
                i++;
            }

            lastVisible = i;
            var next = TreebankText.SpaceEnd(text, i);
            if (next > i && !(singlePeriod && (StartsLower(text, next) || IsAbbreviation(text[start..stop]))))
            {
                return i;
            }

            i = next;
        }

        return lastVisible;
    }

    private static bool StartsLower(ReadOnlySpan<int> text, int index) =>
        index < text.Length && UnicodeClasses.Is(text[index], UnicodeClasses.Lowercase);

    private static bool IsAbbreviation(ReadOnlySpan<int> before)
    {
        var start = before.Length;
        while (start > 0 && !TreebankText.IsSpace(before[start - 1]))
        {
            if (before.Length - start == LongestLookBack)
            {
                return false;
            }

            start--;
        }

        while (start < before.Length && before[start] is '(' or '[' or '{' or '<' or '"' or '\'' or '`' or '“' or '‘' or '«' or '„')
        {
            start++;
        }

        var word = before[start..];
        if (word.Length == 1)
        {
            return UnicodeClasses.Is(word[0], UnicodeClasses.Letter);
        }

        foreach (var abbreviation in Abbreviations)
        {
            if (word.Length == abbreviation.Length && TreebankText.StartsWith(word, 0, abbreviation))
            {
                return true;
            }
        }

        return false;
    }
}
