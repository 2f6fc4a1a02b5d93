using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// General categories (of Unicode 16.0) and White_Space of all code points, asked by code point. The data is the runtime's own, which does not
/// depend on the machine or its ICU; what a later runtime knows of a later version counts as unassigned. It is copied once into a two-stage table
/// (blocks of 128 code points, equal blocks kept once, about 60 KB).
/// </summary>
internal static class UnicodeClasses
{
    public const uint Letter = (1u << (int)UnicodeCategory.UppercaseLetter) | (1u << (int)UnicodeCategory.LowercaseLetter)
        | (1u << (int)UnicodeCategory.TitlecaseLetter) | (1u << (int)UnicodeCategory.ModifierLetter) | (1u << (int)UnicodeCategory.OtherLetter);

    public const uint Number = (1u << (int)UnicodeCategory.DecimalDigitNumber) | (1u << (int)UnicodeCategory.LetterNumber)
        | (1u << (int)UnicodeCategory.OtherNumber);

    public const uint Mark = (1u << (int)UnicodeCategory.NonSpacingMark) | (1u << (int)UnicodeCategory.SpacingCombiningMark)
        | (1u << (int)UnicodeCategory.EnclosingMark);

    public const uint Punctuation = (1u << (int)UnicodeCategory.ConnectorPunctuation) | (1u << (int)UnicodeCategory.DashPunctuation)
        | (1u << (int)UnicodeCategory.OpenPunctuation) | (1u << (int)UnicodeCategory.ClosePunctuation)
        | (1u << (int)UnicodeCategory.InitialQuotePunctuation) | (1u << (int)UnicodeCategory.FinalQuotePunctuation)
        | (1u << (int)UnicodeCategory.OtherPunctuation);

    public const uint Symbol = (1u << (int)UnicodeCategory.MathSymbol) | (1u << (int)UnicodeCategory.CurrencySymbol)
        | (1u << (int)UnicodeCategory.ModifierSymbol) | (1u << (int)UnicodeCategory.OtherSymbol);

    public const uint Separator = (1u << (int)UnicodeCategory.SpaceSeparator) | (1u << (int)UnicodeCategory.LineSeparator)
        | (1u << (int)UnicodeCategory.ParagraphSeparator);

    public const uint Digit = 1u << (int)UnicodeCategory.DecimalDigitNumber;
    public const uint Lowercase = 1u << (int)UnicodeCategory.LowercaseLetter;

    /// <summary>White_Space is a property beside the 30 categories, so it takes the place of a 31st.</summary>
    public const uint WhiteSpace = 1u << WhiteSpaceBit;

    private const int Version = 160;
    private const int WhiteSpaceBit = 30;
    private const int BlockBits = 7;
    private const int BlockMask = (1 << BlockBits) - 1;
    private const int PlaneMask = 0xFFFF;
    private const int CodePoints = 0x110000;

    // The first letter of Beria Erfe, which came with Unicode 17.0.
    private static readonly bool RuntimeIsLater = CharUnicodeInfo.GetUnicodeCategory(0x16EA0) != UnicodeCategory.OtherNotAssigned;
    private static readonly (ushort[] Blocks, uint[] Classes, string Digest) Table = Build();

    /// <summary>Changes whenever a class of any code point changes: what an identity needs to say about the Unicode data.</summary>
    public static string Digest => Table.Digest;

    /// <summary>The classes of a code point: one bit for its category, and <see cref="WhiteSpace"/> where it has that property.</summary>
    public static uint Of(int codePoint) =>
        Table.Classes[(Table.Blocks[codePoint >> BlockBits] << BlockBits) | (codePoint & BlockMask)];

    public static bool Is(int codePoint, uint classes) => (Of(codePoint) & classes) != 0;

    /// <summary>The property Alphabetic.</summary>
    public static bool IsAlphabetic(int codePoint) =>
        Is(codePoint, Letter | (1u << (int)UnicodeCategory.LetterNumber)) || (IsAssigned(codePoint) && UnicodeTables.IsOtherAlphabetic(codePoint));

    /// <summary>Alphabetic, marks, decimal digits and connectors: a word character as Unicode Technical Standard 18 has it, but for the joiners.</summary>
    public static bool IsWord(int codePoint) =>
        IsAlphabetic(codePoint) || Is(codePoint, Mark | Digit | (1u << (int)UnicodeCategory.ConnectorPunctuation));

    public static bool IsAssigned(int codePoint) => !Is(codePoint, 1u << (int)UnicodeCategory.OtherNotAssigned);

    private static (ushort[] Blocks, uint[] Classes, string Digest) Build()
    {
        var blocks = new ushort[CodePoints >> BlockBits];
        var classes = new List<uint>();
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new uint[1 << BlockBits];
        var later = RuntimeIsLater ? UnicodeTables.YoungerThan(Version) : [];
        var next = 0;
        for (var index = 0; index < blocks.Length; index++)
        {
            if (IsUniform(index << BlockBits))
            {
                blocks[index] = blocks[index - 1];
                continue;
            }

            for (var i = 0; i < block.Length; i++)
            {
                // Looking each up in the ages would take longer than all else.
                var code = (index << BlockBits) | i;
                while (next < later.Length && later[next] < code)
                {
                    next++;
                }

                block[i] = Classify(code, next < later.Length && later[next] == code);
            }

            var bytes = MemoryMarshal.AsBytes<uint>(block);
            var content = Encoding.Latin1.GetString(bytes);
            if (!known.TryGetValue(content, out var place))
            {
                place = (ushort)known.Count;
                known.Add(content, place);
                classes.AddRange(block);
                digest.AppendData(bytes);
            }

            blocks[index] = place;
        }

        digest.AppendData(MemoryMarshal.AsBytes<ushort>(blocks));
        return (blocks, classes.ToArray(), Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 8)));
    }

    /// <summary>
    /// Whether a block is like the one before it, in Unicode 16.0: the planes 4 to 13 have no character, 15 and 16 are private but for the last two code points of each.
    /// Asking for each of these would take longer than all others.
    /// </summary>
    private static bool IsUniform(int first) =>
        first is (>= 0x40000 and < 0xE0000) or >= 0xF0000 && (first & PlaneMask) != 0 && (first & PlaneMask) != PlaneMask - BlockMask;

    private static uint Classify(int codePoint, bool isLater)
    {
        var bits = 1u << (int)(isLater ? UnicodeCategory.OtherNotAssigned : CharUnicodeInfo.GetUnicodeCategory(codePoint));
        return codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint) ? bits | WhiteSpace : bits;
    }
}
