using System.Numerics;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// A published pattern that finds the pieces of plain ASCII by arithmetic on bits, 64 bytes at a time. Blocks where more than the classes of
/// ASCII decides are left to <see cref="SplitPattern.PieceEnd"/>, which is the whole truth about a pattern; the result is the same.
/// </summary>
internal abstract class BlockPattern : SplitPattern
{
    private const int NumbersAPiece = 3;

    /// <summary>The first bit and every third one behind it.</summary>
    private const ulong EveryThird = 0x9249249249249249;

    public sealed override int Split(ReadOnlySpan<byte> text, int start, Span<int> ends)
    {
        var written = 0;
        var piece = start;
        for (var block = piece & -ByteClasses.BlockSize; piece < text.Length && ends.Length - written > ByteClasses.BlockSize; block += ByteClasses.BlockSize)
        {
            var context = new TextBlock(text, block, piece);
            if (context.IsPlain && TryFindStarts(in context, out var starts))
            {
                starts &= piece >= block ? ulong.MaxValue << (piece - block) << 1 : ulong.MaxValue;
                if (text.Length - block <= ByteClasses.BlockSize)
                {
                    starts &= ulong.MaxValue >> (ByteClasses.BlockSize - (text.Length - block));
                    written = Write(starts, block, ends, written);
                    ends[written++] = text.Length;
                    break;
                }

                written = Write(starts, block, ends, written);
                piece = starts == 0 ? piece : ends[written - 1];
                continue;
            }

            // At most 64 pieces end in the block, and one behind it.
            var blockEnd = Math.Min(block + ByteClasses.BlockSize, text.Length);
            while (piece < blockEnd)
            {
                ends[written++] = piece = PieceEnd(text, piece);
            }

            block = Math.Max(block, (piece & -ByteClasses.BlockSize) - ByteClasses.BlockSize);
        }

        return written;
    }

    /// <summary>
    /// Finds where pieces start in a block of plain ASCII, one bit a byte. Bits up to the start of the open piece and behind the end of the
    /// text may be anything.
    /// </summary>
    /// <returns>False where something that the block cannot know decides.</returns>
    protected abstract bool TryFindStarts(in TextBlock block, out ulong starts);

    /// <summary>
    /// Where a letter joins the one character before it, <c>[^\r\n\p{L}\p{N}]?\p{L}+</c>: behind a blank, and behind another character that is
    /// not part of <c> ?[^\s\p{L}\p{N}]+</c> already.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static ulong BehindPrefix(in TextBlock block) => block.BehindBlank | (block.BehindOther & ~block.SecondBehindOtherOrSpace);

    /// <summary>Where <c> ?[^\s\p{L}\p{N}]+</c> starts, if not with its space.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static ulong OtherStarts(in TextBlock block) => block.Classes.Other & ~block.BehindOther & ~block.BehindSpace;

    /// <summary>Where <c>\p{N}{1,3}</c> starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static ulong NumberStarts(in TextBlock block)
    {
        var digits = block.Classes.Digit;
        var starts = 0UL;
        if (block.DigitsCrossStart)
        {
            // The open piece is some of these digits and nothing else: what is not ASCII is cut piece by piece up to the end of its block.
            var before = block.Start - block.PieceStart;
            var crossing = digits & ~(digits + 1);
            digits ^= crossing;
            starts = crossing & (EveryThird << ((NumbersAPiece - (before % NumbersAPiece)) % NumbersAPiece));
        }

        starts |= digits & ~(digits << 1);
        var threeBefore = digits & (digits << 1) & (digits << 2);
        for (var next = (starts << NumbersAPiece) & threeBefore; next != 0; next = (next << NumbersAPiece) & threeBefore)
        {
            starts |= next;
        }

        return starts;
    }

    /// <summary>
    /// Where <c>\s*[\r\n]+|\s+(?!\S)|\s+</c> start, given that line breaks right behind other characters belong to these
    /// (<paramref name="absorbed"/>).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static bool TryFindBlankStarts(in TextBlock block, out ulong starts, out ulong absorbed)
    {
        ref readonly var classes = ref block.Classes;
        var lines = classes.NewLine;
        if (lines == 0 && !block.WhiteSpaceCrosses)
        {
            absorbed = 0;
            starts = classes.Blank & (~(classes.Blank << 1) | ~block.BeforeWhiteSpace);
            return true;
        }

        // Adding its first bit to a run flips the bits of the run and leaves the others as they are.
        absorbed = lines & ~(lines + (lines & block.BehindOther));
        lines &= ~absorbed;
        var white = classes.Blank | lines;
        starts = (white & ~(white << 1)) | (classes.Blank & ~block.BeforeWhiteSpace);

        // Blanks behind a line break start a piece, unless another line break ends their run and takes them with it.
        var behindLines = classes.Blank & (lines << 1);
        starts |= behindLines;
        return !block.WhiteSpaceCrosses && ((classes.Blank + behindLines) & ~classes.Blank & lines) == 0;
    }

    private static int Write(ulong starts, int block, Span<int> ends, int written)
    {
        while (starts != 0)
        {
            ends[written++] = block + BitOperations.TrailingZeroCount(starts);
            starts &= starts - 1;
        }

        return written;
    }
}
