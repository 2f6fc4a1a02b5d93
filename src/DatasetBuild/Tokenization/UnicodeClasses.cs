using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// General categories (of Unicode 16.0) and White_Space of all code points, asked by code point. They are the same on every machine and every runtime: <see cref="UnicodeCategories"/>,
/// unpacked once into a two-stage table (blocks of 128 code points, equal blocks kept once, about 60 KB).
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

    private const int WhiteSpaceBit = 30;
    private const int BlockBits = 7;
    private const int BlockMask = (1 << BlockBits) - 1;
    private const int CategoryMask = 31;
    private const int CodePoints = 0x110000;

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
        var packed = Convert.FromBase64String(UnicodeCategories.Packed);
        var blocks = new ushort[CodePoints >> BlockBits];
        var distinct = new List<uint[]>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new uint[1 << BlockBits];
        var (at, left, bits) = (0, 0, 0u);
        for (var index = 0; index < blocks.Length; index++)
        {
            if (index > 0 && left >= block.Length && !block.AsSpan().ContainsAnyExcept(bits))
            {
                blocks[index] = blocks[index - 1];
                left -= block.Length;
                continue;
            }

            for (var i = 0; i < block.Length; i++, left--)
            {
                if (left == 0)
                {
                    (left, bits) = (Varint.Read(packed, ref at), BitsOf(packed[at++]));
                }

                block[i] = bits;
            }

            var bytes = MemoryMarshal.AsBytes<uint>(block);
            var content = Encoding.Latin1.GetString(bytes);
            if (!known.TryGetValue(content, out var place))
            {
                place = known.Count;
                known.Add(content, place);
                distinct.Add((uint[])block.Clone());
                digest.AppendData(bytes);
            }

            blocks[index] = (ushort)place;
        }

        digest.AppendData(MemoryMarshal.AsBytes<ushort>(blocks));
        var classes = new uint[distinct.Count << BlockBits];
        for (var i = 0; i < distinct.Count; i++)
        {
            distinct[i].CopyTo(classes, i << BlockBits);
        }

        return (blocks, classes, Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 8)));
    }

    private static uint BitsOf(byte packed) => (1u << (packed & CategoryMask)) | (packed > CategoryMask ? WhiteSpace : 0);
}
