using System.Buffers;
using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Texts as words with case and punctuation folded, for comparing what they say. A word is a run of letters, marks and numbers in Unicode's form KC, by simple
/// case folding; all else separates words, but for invisible format characters, which count as absent. Numbers stay what they are. Scripts that put no space
/// between words (Han, kana, Thai and the like) have each letter, with its marks, for a word.
/// </summary>
internal static class FoldedWords
{
    private const int ZeroWidthSpace = 0x200B;
    private const int FirstUnspaced = 0x0E00;
    private const int LongVowel = 0x30FC; // of both kana, and so of no script
    private const int KindBits = 3;
    private const uint Format = 1u << (int)UnicodeCategory.Format;

    private static readonly byte[] AsciiFolds = MakeAsciiFolds();

    // A letter of each script that puts no space between words.
    private static readonly HashSet<int> UnspacedScripts =
        [.. ((int[])[0x4E00, 0x3042, 0x30A2, 0x3105, 0x0E01, 0x0E81, 0x1780, 0x1000, 0xA000, 0x1950, 0x1980, 0x1A20, 0xA984, 0x1B05]).Select(UnicodeTables.Script)];

    // Kind and folded form of the characters of the basic plane, found when first met; 0 is not yet known.
    private static readonly int[] Known = new int[0x10000];

    private enum Kind
    {
        Separator = 1,
        Letter = 2,

        /// <summary>A letter that is a word by itself.</summary>
        Unspaced = 3,
        Mark = 4,
        Ignored = 5,
    }

    private enum Inside
    {
        Nothing,
        Word,
        Character,
    }

    /// <summary>Changes whenever the words of a text could: part of the identity of all that compares them.</summary>
    public static string Identity { get; } = $"folded/1 unicode={NormalizationData.UnicodeVersion},{UnicodeClasses.Digest}";

    /// <summary>For each byte of a text that <see cref="Of"/> gave, what it counts as; 0 separates words.</summary>
    public static ReadOnlySpan<byte> Folds => AsciiFolds;

    /// <summary>The text with its words separated by bytes for which <see cref="Folds"/> has 0. ASCII is handed back as it is.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> utf8, ArrayBufferWriter<byte> scratch)
    {
        if (Ascii.IsValid(utf8))
        {
            return utf8;
        }

        scratch.ResetWrittenCount();
        Write(utf8, scratch);
        return scratch.WrittenSpan;
    }

    /// <summary>Appends the folded words of a text of valid UTF-8, a space between two.</summary>
    public static void Write(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        var text = utf8;
        if (!Ascii.IsValid(utf8))
        {
            var normal = new ArrayBufferWriter<byte>(utf8.Length + 16);
            UnicodeNormalization.Normalize(utf8, NormalizationTables.Compatible, normal);
            text = normal.WrittenSpan;
        }

        var inside = Inside.Nothing;
        var isFirst = true;
        for (var i = 0; i < text.Length;)
        {
            var known = text[i] < 0x80 ? OfAscii(text[i++]) : OfCharacter(text, ref i);
            var kind = (Kind)(known & ((1 << KindBits) - 1));
            if (kind == Kind.Ignored)
            {
                continue;
            }

            if (kind == Kind.Separator)
            {
                inside = Inside.Nothing;
                continue;
            }

            var goesOn = kind == Kind.Mark ? inside != Inside.Nothing : kind == Kind.Letter && inside == Inside.Word;
            if (!goesOn)
            {
                if (!isFirst)
                {
                    output.Write(" "u8);
                }

                isFirst = false;
                inside = kind == Kind.Unspaced ? Inside.Character : Inside.Word;
            }

            output.Advance(Utf8Scalars.Encode(known >> KindBits, output.GetSpan(4)));
        }
    }

    private static int OfAscii(byte c) => AsciiFolds[c] == 0 ? (int)Kind.Separator : (AsciiFolds[c] << KindBits) | (int)Kind.Letter;

    private static int OfCharacter(ReadOnlySpan<byte> utf8, ref int i)
    {
        var code = Utf8Scalars.Decode(utf8, i, out var length);
        i += length;
        return code >= Known.Length ? Find(code) : Known[code] is not 0 and var known ? known : Known[code] = Find(code);
    }

    private static int Find(int code)
    {
        var classes = UnicodeClasses.Of(code);
        var kind = (classes & UnicodeClasses.Mark) != 0 ? Kind.Mark
            : (classes & (UnicodeClasses.Letter | UnicodeClasses.Number)) != 0 ? (IsUnspaced(code) ? Kind.Unspaced : Kind.Letter)
            : (classes & Format) != 0 && code != ZeroWidthSpace ? Kind.Ignored
            : Kind.Separator;
        return (UnicodeTables.Fold(code) << KindBits) | (int)kind;
    }

    private static bool IsUnspaced(int code) => code >= FirstUnspaced && (code == LongVowel || UnspacedScripts.Contains(UnicodeTables.Script(code)));

    private static byte[] MakeAsciiFolds()
    {
        var folds = new byte[256];
        for (var c = 0; c < folds.Length; c++)
        {
            // What is beyond ASCII is folded when it is met here.
            folds[c] = (byte)(c >= 0x80 || char.IsAsciiLetterLower((char)c) || char.IsAsciiDigit((char)c) ? c : char.IsAsciiLetterUpper((char)c) ? c | 0x20 : 0);
        }

        return folds;
    }
}
