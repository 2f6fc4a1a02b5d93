using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The pattern of GPT-2 (also r50k_base and p50k_base):
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// Its contractions are lower case only.
/// </summary>
internal sealed class Gpt2Pattern : BlockPattern
{
    public override string Name => "gpt2";

    public override int PieceEnd(ReadOnlySpan<byte> text, int start)
    {
        if (text[start] == '\'' && LowerContractionLength(text[start..]) is > 0 and var contraction)
        {
            return start + contraction;
        }

        var body = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var classes = ClassesAt(text, body, out _);
        return (classes & UnicodeClasses.Letter) != 0 ? RunEnd(text, body, UnicodeClasses.Letter)
            : (classes & UnicodeClasses.Number) != 0 ? RunEnd(text, body, UnicodeClasses.Number)
            : (classes & UnicodeClasses.WhiteSpace) == 0 ? RunEndNot(text, body, NotOther)
            : WhiteSpaceEnd(text, start);
    }

    protected override bool TryFindStarts(in TextBlock block, out ulong starts)
    {
        ref readonly var classes = ref block.Classes;
        var letters = classes.Letter & ~block.BehindLetter;
        var digits = classes.Digit & ~block.BehindDigit;
        var others = classes.Other & ~block.BehindOther;
        var blanks = classes.WhiteSpace & (~block.BehindWhiteSpace | ~block.BeforeWhiteSpace);
        starts = ((letters | digits | others) & ~block.BehindSpace) | blanks;

        // An apostrophe that starts a piece takes a contraction with it, and what follows the contraction starts a piece.
        for (var left = classes.Apostrophe & starts; left != 0; left &= left - 1)
        {
            var at = BitOperations.TrailingZeroCount(left);
            if (LowerContractionLength(block.Text[(block.Start + at)..]) is > 0 and var length)
            {
                starts = (starts & ~(2UL << at)) | (1UL << (at + length));
            }
        }

        return true;
    }

    private static int LowerContractionLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("'s"u8) || text.StartsWith("'t"u8) || text.StartsWith("'m"u8) || text.StartsWith("'d"u8) ? 2
        : text.StartsWith("'re"u8) || text.StartsWith("'ve"u8) || text.StartsWith("'ll"u8) ? 3
        : 0;
}
