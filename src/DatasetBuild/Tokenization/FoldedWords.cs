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
    private const int KindMask = 7;
    private const int Joins = 8; // beside the kind: form KC has to be made first
    private const int CodeShift = 4;
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
        if (!TryWrite(utf8, output))
        {
            var normal = new ArrayBufferWriter<byte>(utf8.Length + 16);
            UnicodeNormalization.Normalize(utf8, NormalizationTables.Compatible, normal);
            TryWrite(normal.WrittenSpan, output, isNormal: true);
        }
    }

    /// <summary>The same for a text that is in form KC; false, with nothing appended, where it may not be.</summary>
    private static bool TryWrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output, bool isNormal = false)
    {
        // A character takes at most twice its bytes: its folded form may be longer by one, and a space may come before it.
        var words = output.GetSpan((2 * text.Length) + 1);
        var used = 0;
        var inside = Inside.Nothing;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] < 0x80)
            {
                var fold = AsciiFolds[text[i++]];
                if (fold == 0)
                {
                    inside = Inside.Nothing;
                    continue;
                }

                if (inside != Inside.Word)
                {
                    Begin(words, ref used);
                    inside = Inside.Word;
                }

                words[used++] = fold;
                continue;
            }

            var known = OfCharacter(text, ref i);
            var kind = (Kind)(known & KindMask);
            if ((known & Joins) != 0 && !isNormal)
            {
                return false;
            }

            if (kind == Kind.Separator)
            {
                inside = Inside.Nothing;
            }
            else if (kind != Kind.Ignored)
            {
                if (kind == Kind.Mark ? inside == Inside.Nothing : kind == Kind.Unspaced || inside != Inside.Word)
                {
                    Begin(words, ref used);
                    inside = kind == Kind.Unspaced ? Inside.Character : Inside.Word;
                }

                used += Utf8Scalars.Encode(known >> CodeShift, words[used..]);
            }
        }

        output.Advance(used);
        return true;
    }

    private static void Begin(Span<byte> words, ref int used)
    {
        if (used > 0)
        {
            words[used++] = (byte)' ';
        }
    }

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
        return (UnicodeTables.Fold(code) << CodeShift) | (Normalizes(code) ? Joins : 0) | (int)kind;
    }

    /// <summary>Whether form KC makes other words of a text with this character: it becomes others, not all of which separate words, or joins the one before.</summary>
    private static bool Normalizes(int code)
    {
        Span<byte> character = stackalloc byte[4];
        character = character[..Utf8Scalars.Encode(code, character)];
        var normal = new ArrayBufferWriter<byte>();
        UnicodeNormalization.Normalize(character, NormalizationTables.Compatible, normal);
        return NormalizationTables.Compatible.ContinuesSegment(code)
            || (!normal.WrittenSpan.SequenceEqual(character) && normal.WrittenSpan.ToArray().Any(other => AsciiFolds[other] != 0));
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
