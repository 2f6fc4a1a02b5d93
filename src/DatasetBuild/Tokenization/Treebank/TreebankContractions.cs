namespace DatasetBuild.Tokenization;

/// <summary>The words that the Treebank rules write as two: cannot, gimme, gonna, gotta, lemme, wanna, d'ye, more'n, 'tis, 'twas.</summary>
internal static class TreebankContractions
{
    private static readonly (string Word, int Split)[] TwoWords =
    [
        ("cannot", 3), ("d'ye", 1), ("gimme", 3), ("gonna", 3), ("gotta", 3), ("lemme", 3), ("more'n", 4), ("wanna", 3),
    ];

    public static void Split(TreebankBuffer text)
    {
        // \b(can)(not)\b and its like; none of them can make or hide a match of another, so one pass does for all
        var before = -1;
        for (text.Begin(); text.More;)
        {
            var (length, split) = before >= 0 && TreebankText.IsWord(before) ? (0, 0) : TwoWordContraction(text.Rest);
            before = text.At(Math.Max(length - 1, 0));
            SplitInTwo(text, length, split);
        }

        text.End();
        if (text.Has('\''))
        {
            SplitAfterSpace(text, "'tis");
            SplitAfterSpace(text, "'twas");
        }
    }

    private static (int Length, int Split) TwoWordContraction(ReadOnlySpan<int> rest)
    {
        if (TreebankText.Fold(rest[0]) is 'c' or 'd' or 'g' or 'l' or 'm' or 'w')
        {
            foreach (var (word, split) in TwoWords)
            {
                if (TreebankText.StartsWith(rest, 0, word) && TreebankText.IsWordEnd(rest, word.Length))
                {
                    var followed = word != "wanna" || (word.Length < rest.Length && TreebankText.IsSpace(rest[word.Length]));
                    return followed ? (word.Length, split) : (0, 0);
                }
            }
        }

        return (0, 0);
    }

    // [space]('t)(is)\b -> [space]\1 \2[space]
    private static void SplitAfterSpace(TreebankBuffer text, string word)
    {
        for (text.Begin(); text.More;)
        {
            var match = text.At(0) == ' ' && TreebankText.StartsWith(text.Rest, 1, word) && TreebankText.IsWordEnd(text.Rest, 1 + word.Length);
            text.Copy(1);
            if (match)
            {
                SplitInTwo(text, word.Length, 2);
            }
        }

        text.End();
    }

    private static void SplitInTwo(TreebankBuffer text, int length, int split)
    {
        if (length == 0)
        {
            text.Copy(1);
            return;
        }

        text.Emit(" ");
        text.Copy(split);
        text.Emit(" ");
        text.Copy(length - split);
        text.Emit(" ");
    }
}
