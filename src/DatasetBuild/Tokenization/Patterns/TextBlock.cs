using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// 64 bytes of a text with what stands around them: what decides where pieces start in it. Behind the end of the text stand spaces, whose
/// white space reaches the end as the text's own does.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct TextBlock
{
    private const ulong Last = 1UL << (ByteClasses.BlockSize - 1);

    public ByteClasses Classes;

    private readonly int _before;
    private readonly int _secondBefore;
    private readonly int _after;

    /// <param name="text">The whole text.</param>
    /// <param name="start">Where the block starts: before the end of the text.</param>
    /// <param name="pieceStart">Where the piece starts that is open at the start of the block, or a place in the block where one starts.</param>
    public TextBlock(ReadOnlySpan<byte> text, int start, int pieceStart)
    {
        Text = text;
        Start = start;
        PieceStart = pieceStart;
        _before = start > 0 ? text[start - 1] : -1;
        _secondBefore = start > 1 ? text[start - 2] : -1;
        if (text.Length - start >= ByteClasses.BlockSize)
        {
            // All 64 bytes lie inside the text by the condition above.
            ByteClasses.Of(in text[start], out Classes);
            _after = text.Length - start > ByteClasses.BlockSize ? text[start + ByteClasses.BlockSize] : -1;
        }
        else
        {
            Span<byte> padded = stackalloc byte[ByteClasses.BlockSize];
            padded.Fill((byte)' ');
            text[start..].CopyTo(padded);
            ByteClasses.Of(in padded[0], out Classes);
            _after = -1;
        }
    }

    public ReadOnlySpan<byte> Text { get; }

    public int Start { get; }

    public int PieceStart { get; }

    /// <summary>
    /// Whether the classes of ASCII say everything: no byte in or around the block is above 0x7F, and no apostrophe stands so near to the end
    /// that its contraction could reach over it.
    /// </summary>
    public readonly bool IsPlain => Classes.High == 0 && _before < 0x80 && _secondBefore < 0x80 && _after < 0x80 && Classes.Apostrophe < 1UL << 61;

    /// <summary>Whether a run of white space reaches over the start or the end of the block into the text around it.</summary>
    public readonly bool WhiteSpaceCrosses
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((Classes.WhiteSpace & 1) != 0 && IsWhiteSpace(_before)) || ((Classes.WhiteSpace & Last) != 0 && IsWhiteSpace(_after));
    }

    /// <summary>Whether digits stand on both sides of the start.</summary>
    public readonly bool DigitsCrossStart => (Classes.Digit & 1) != 0 && char.IsAsciiDigit((char)_before);

    /// <summary>Whether the block starts with a character that is no letter, digit or white space, and a slash stands before it.</summary>
    public readonly bool OtherBehindSlashAtStart => _before == '/' && (Classes.Other & 1) != 0;

    public readonly ulong BehindSpace
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Classes.Space << 1) | Bit(_before == ' ');
    }

    public readonly ulong BehindBlank
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Classes.Blank << 1) | Bit(IsBlank(_before));
    }

    public readonly ulong BehindWhiteSpace => (Classes.WhiteSpace << 1) | Bit(IsWhiteSpace(_before));

    public readonly ulong BehindLetter
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Classes.Letter << 1) | Bit(_before >= 0 && char.IsAsciiLetter((char)_before));
    }

    public readonly ulong BehindLower => (Classes.Lower << 1) | Bit(_before is >= 'a' and <= 'z');

    public readonly ulong BehindDigit => (Classes.Digit << 1) | Bit(_before is >= '0' and <= '9');

    public readonly ulong BehindOther
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Classes.Other << 1) | Bit(IsOther(_before));
    }

    /// <summary>The bytes before whose neighbour on the left stands a space, or a character that is no letter, digit or white space.</summary>
    public readonly ulong SecondBehindOtherOrSpace
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((Classes.Other | Classes.Space) << 2) | (Bit(IsOther(_before) || _before == ' ') << 1) | Bit(IsOther(_secondBefore) || _secondBefore == ' ');
    }

    /// <summary>The bytes right before white space or the end of the text.</summary>
    public readonly ulong BeforeWhiteSpace
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Classes.WhiteSpace >> 1) | (_after < 0 || IsWhiteSpace(_after) ? Last : 0);
    }

    /// <summary>The bytes right behind those of <paramref name="newLines"/>, and the first if a line break stands before the block.</summary>
    public readonly ulong BehindNewLine(ulong newLines) => (newLines << 1) | Bit(_before is '\n' or '\r');

    private static ulong Bit(bool value) => value ? 1UL : 0;

    private static bool IsBlank(int value) => value is ' ' or '\t' or '\v' or '\f';

    private static bool IsWhiteSpace(int value) => value is ' ' or (>= '\t' and <= '\r');

    private static bool IsOther(int value) => value >= 0 && !char.IsAsciiLetterOrDigit((char)value) && !IsWhiteSpace(value);
}
