using System.Globalization;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>What a character is to a <see cref="FoldingRule"/>.</summary>
[Flags]
internal enum CharacterKinds : byte
{
    /// <summary>Part of a word, as it is.</summary>
    None = 0,

    /// <summary>Ends a word.</summary>
    Gap = 1,

    /// <summary>Nothing at all.</summary>
    Dropped = 2,

    /// <summary>A word by itself.</summary>
    Alone = 4,

    /// <summary>Belongs to the character before it.</summary>
    Mark = 8,

    /// <summary>A decimal digit.</summary>
    Digit = 16,

    /// <summary>May stand in a number.</summary>
    Separator = 32,

    /// <summary>Becomes something else: lower case, or its decomposition.</summary>
    Changes = 64,

    /// <summary>So far unknown; no character has it for long.</summary>
    Unknown = 128,
}

/// <summary>The kinds of all characters under one rule. Asked for once, kept: texts repeat their characters.</summary>
internal sealed class CharacterTable(FoldingRule rule)
{
    /// <summary>What datatrove takes for punctuation, without the control characters (<c>PUNCTUATION</c> of its <c>utils/text.py</c>).</summary>
    private const string DataTrovePunctuation = "!/—”:％１〈&(、━\\【#%「」，】；+^]~“《„';’{|∶´[=-`*．（–？！：$～«〉,><》)?）。…@_.\"}►»";

    /// <summary>The separators of datatrove's pattern of numbers.</summary>
    private const string NumberSeparators = ".,\u060C\u066B\u2396\u2397\u2398";

    private const uint WordParts = UnicodeClasses.Letter | UnicodeClasses.Number | UnicodeClasses.Mark;

    /// <summary>Scripts that are written without spaces between words.</summary>
    private static readonly HashSet<string> Unspaced = ["Hani", "Hira", "Kana", "Bopo", "Thai", "Laoo", "Khmr", "Mymr", "Tale", "Talu", "Lana", "Yiii", "Java", "Bali", "Tang", "Nshu", "Kits"];

    private static readonly Lazy<HashSet<int>> UnspacedScripts = new(() =>
        [.. UnicodeTables.ScriptNames.Index().Where(script => Unspaced.Contains(script.Item.Short)).Select(script => script.Index)]);

    private readonly byte[] plane = NewPlane();

    public CharacterKinds Of(int code)
    {
        if (code > char.MaxValue)
        {
            return Find(code);
        }

        var kinds = (CharacterKinds)plane[code];
        if (kinds == CharacterKinds.Unknown)
        {
            // Two threads may find the same at once; a byte is written as a whole.
            kinds = Find(code);
            plane[code] = (byte)kinds;
        }

        return kinds;
    }

    private static byte[] NewPlane()
    {
        var plane = new byte[char.MaxValue + 1];
        Array.Fill(plane, (byte)CharacterKinds.Unknown);
        return plane;
    }

    private CharacterKinds Find(int code)
    {
        var classes = UnicodeClasses.Of(code);
        var kinds = CharacterKinds.None;
        if (rule.Folds.HasFlag(TextFolds.Numbers))
        {
            kinds |= (classes & UnicodeClasses.Digit) != 0 ? CharacterKinds.Digit : 0;
            kinds |= code <= char.MaxValue && NumberSeparators.Contains((char)code, StringComparison.Ordinal) ? CharacterKinds.Separator : 0;
        }

        if ((classes & UnicodeClasses.WhiteSpace) != 0 || (rule.Folds.HasFlag(TextFolds.Punctuation) && IsPunctuation(code, classes)))
        {
            return kinds | CharacterKinds.Gap;
        }

        if (rule.Folds.HasFlag(TextFolds.Diacritics) && (classes & (1u << (int)UnicodeCategory.NonSpacingMark)) != 0)
        {
            return kinds | CharacterKinds.Dropped;
        }

        if (!rule.IsDataTrove)
        {
            if (rule.Folds.HasFlag(TextFolds.Punctuation) && (classes & (1u << (int)UnicodeCategory.Format)) != 0)
            {
                return kinds | CharacterKinds.Dropped;
            }

            kinds |= (classes & UnicodeClasses.Mark) != 0 ? CharacterKinds.Mark : 0;
            kinds |= (classes & UnicodeClasses.Letter) != 0 && IsUnspaced(code) ? CharacterKinds.Alone : 0;
        }

        var changes = (rule.Folds.HasFlag(TextFolds.Lower) && UnicodeTables.ToLower(code) != code)
            || (rule.Folds.HasFlag(TextFolds.Diacritics) && NormalizationTables.Canonical.Decomposes(code));
        return changes ? kinds | CharacterKinds.Changes : kinds;
    }

    private bool IsPunctuation(int code, uint classes) => rule.IsDataTrove
        ? code is < 0x20 or (>= 0x7F and < 0xA0) || (code <= char.MaxValue && DataTrovePunctuation.Contains((char)code, StringComparison.Ordinal))
        : (classes & (WordParts | (1u << (int)UnicodeCategory.Format))) == 0;

    /// <summary>Letters that Japanese shares with others (the long vowel, iteration marks) have no script of their own.</summary>
    private static bool IsUnspaced(int code) => UnspacedScripts.Value.Contains(UnicodeTables.Script(code)) || code is >= 0x3005 and <= 0x30FF;
}
