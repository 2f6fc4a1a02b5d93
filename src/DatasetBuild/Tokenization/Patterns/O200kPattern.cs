using System.Globalization;
using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The pattern of o200k_base, which also cuts words where lower case turns to upper case, with U = Lu Lt Lm Lo M and L = Ll Lm Lo M:
/// <c>[^\r\n\p{L}\p{N}]?[U]*[L]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[U]+[L]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}|
/// ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class O200kPattern : BlockPattern
{
    private const uint Shared = UnicodeClasses.Mark | (1u << (int)UnicodeCategory.ModifierLetter) | (1u << (int)UnicodeCategory.OtherLetter);
    private const uint Upper = Shared | (1u << (int)UnicodeCategory.UppercaseLetter) | (1u << (int)UnicodeCategory.TitlecaseLetter);
    private const uint Lower = Shared | UnicodeClasses.Lowercase;

    public override string Name => "o200k";

    public override int PieceEnd(ReadOnlySpan<byte> text, int start)
    {
        var classes = ClassesAt(text, start, out var length);
        if (WordEnd(text, start, length, classes) is >= 0 and var word)
        {
            return word + ContractionLength(text, word);
        }

        if ((classes & UnicodeClasses.Number) != 0)
        {
            return NumbersEnd(text, start, most: 3);
        }

        var body = text[start] == ' ' ? start + 1 : start;
        if (!IsNotAt(text, body, NotOther))
        {
            return WhiteSpaceWithLinesEnd(text, start);
        }

        var end = RunEndNot(text, body, NotOther);
        while (end < text.Length && text[end] is (byte)'\r' or (byte)'\n' or (byte)'/')
        {
            end++;
        }

        return end;
    }

    protected override bool TryFindStarts(in TextBlock block, out ulong starts)
    {
        ref readonly var classes = ref block.Classes;
        starts = 0;
        if (!TryFindBlankStarts(in block, out var blanks, out var absorbed))
        {
            return false;
        }

        // A slash behind such a line break belongs to it too, and the end of that depends on more than neighbours.
        if ((classes.Slash & block.BehindNewLine(absorbed)) != 0 || block.OtherBehindSlashAtStart)
        {
            return false;
        }

        var letters = classes.Letter & ~block.BehindLetter & ~BehindPrefix(in block);
        var capitals = classes.Upper & block.BehindLower;
        starts = letters | capitals | NumberStarts(in block) | OtherStarts(in block) | blanks;

        // A contraction behind a word is part of it. One that stands right behind another contraction is a word of its own.
        var contracted = block.PieceStart - block.Start;
        for (var left = classes.Apostrophe & block.BehindLetter; left != 0; left &= left - 1)
        {
            var at = BitOperations.TrailingZeroCount(left);
            if (at != contracted && ContractionLength(block.Text, block.Start + at) is > 0 and var length)
            {
                contracted = at + length;
                starts = (starts & ~(((1UL << length) - 1) << at)) | (1UL << contracted);
            }
        }

        return true;
    }

    // The optional first character is taken if the rest matches with it, and given back otherwise; a mark can be either.
    private static int WordEnd(ReadOnlySpan<byte> text, int start, int length, uint classes)
    {
        var prefix = (classes & LetterOrNumber) == 0 && text[start] is not ((byte)'\r' or (byte)'\n');
        var end = prefix ? EndsLowerEnd(text, start + length) : -1;
        end = end < 0 ? EndsLowerEnd(text, start) : end;
        end = end < 0 && prefix ? StartsUpperEnd(text, start + length) : end;
        return end < 0 ? StartsUpperEnd(text, start) : end;
    }

    /// <summary>
    /// <c>[U]*[L]+</c> or -1. Where no lower-case letter follows the run of U, the greedy run gives characters back until the last
    /// one that is in both sets, so the match ends behind that one.
    /// </summary>
    private static int EndsLowerEnd(ReadOnlySpan<byte> text, int start)
    {
        var end = start;
        var afterShared = -1;
        uint classes = 0;
        while (end < text.Length && ((classes = ClassesAt(text, end, out var length)) & Upper) != 0)
        {
            end += length;
            afterShared = (classes & Shared) != 0 ? end : afterShared;
        }

        return end < text.Length && (classes & Lower) != 0 ? RunEnd(text, end, Lower) : afterShared;
    }

    /// <summary><c>[U]+[L]*</c> or -1.</summary>
    private static int StartsUpperEnd(ReadOnlySpan<byte> text, int start)
    {
        var end = RunEnd(text, start, Upper);
        return end == start ? -1 : RunEnd(text, end, Lower);
    }
}
