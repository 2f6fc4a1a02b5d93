using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The pattern of cl100k_base and of Llama 3, and with single numbers that of Qwen and Qwen 2:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// Later spellings put <c>\s++$</c> before the line breaks, which joins blanks at the very end of a text to the line break before them.
/// No token of the published vocabularies spans that place, so the tokens are the same.
/// </summary>
/// <param name="name">The name of the pattern, as it stands in identities.</param>
/// <param name="mostNumbers">How many numbers make a piece at most: 1 or 3.</param>
internal sealed class Cl100kPattern(string name, int mostNumbers) : BlockPattern
{
    public override string Name => name;

    public override int PieceEnd(ReadOnlySpan<byte> text, int start)
    {
        if (ContractionLength(text, start) is > 0 and var contraction)
        {
            return start + contraction;
        }

        var classes = ClassesAt(text, start, out var length);
        if ((classes & UnicodeClasses.Letter) != 0)
        {
            return RunEnd(text, start + length, UnicodeClasses.Letter);
        }

        if ((classes & UnicodeClasses.Number) != 0)
        {
            return NumbersEnd(text, start, mostNumbers);
        }

        if (text[start] is not ((byte)'\r' or (byte)'\n') && IsAt(text, start + length, UnicodeClasses.Letter))
        {
            return RunEnd(text, start + length, UnicodeClasses.Letter);
        }

        var body = text[start] == ' ' ? start + 1 : start;
        if (!IsNotAt(text, body, NotOther))
        {
            return WhiteSpaceWithLinesEnd(text, start);
        }

        var end = RunEndNot(text, body, NotOther);
        while (end < text.Length && text[end] is (byte)'\r' or (byte)'\n')
        {
            end++;
        }

        return end;
    }

    protected override bool TryFindStarts(in TextBlock block, out ulong starts)
    {
        ref readonly var classes = ref block.Classes;
        var letters = classes.Letter & ~block.BehindLetter & ~BehindPrefix(in block);
        if (!TryFindBlankStarts(in block, out var blanks, out _))
        {
            starts = 0;
            return false;
        }

        var numbers = mostNumbers == 1 ? classes.Digit : NumberStarts(in block);
        starts = letters | numbers | OtherStarts(in block) | blanks;

        // What follows a contraction starts a piece even if it is a letter.
        for (var left = classes.Apostrophe & starts; left != 0; left &= left - 1)
        {
            var at = BitOperations.TrailingZeroCount(left);
            if (ContractionLength(block.Text, block.Start + at) is > 0 and var length)
            {
                starts |= 1UL << (at + length);
            }
        }

        return true;
    }
}
