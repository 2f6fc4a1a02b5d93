using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// Texts brought to words: the words' bytes with one space between them, and where each begins. ASCII goes by 64 bytes at a time, whose masks say which bytes are
/// kept and which end a word; other characters go one by one. Reused from record to record; not for several threads at once.
/// </summary>
internal sealed class FoldedText(FoldingRule rule, CharacterTable table)
{
    private const int BlockSize = 64;

    /// <summary>Words are copied by so many bytes at a time, whatever their length.</summary>
    private const int CopySize = 32;

    /// <summary>A buffer that one record made larger than this is let go after it.</summary>
    private const int MaxKept = 1 << 20;

    private readonly bool lowers = rule.Folds.HasFlag(TextFolds.Lower);
    private readonly bool foldsPunctuation = rule.Folds.HasFlag(TextFolds.Punctuation);
    private readonly bool foldsNumbers = rule.Folds.HasFlag(TextFolds.Numbers);
    private readonly bool foldsDiacritics = rule.Folds.HasFlag(TextFolds.Diacritics);
    private readonly List<int> parts = [];
    private readonly byte[] padded = new byte[BlockSize + CopySize];
    private byte[] bytes = new byte[1 << 13];
    private int[] starts = new int[1 << 11];
    private int length;
    private int count;
    private State state;
    private Number number;

    private enum State
    {
        /// <summary>The next character begins a word.</summary>
        Closed,

        /// <summary>The next character goes on with the word.</summary>
        Open,

        /// <summary>The word is a single character, to which only marks may be added.</summary>
        Alone,
    }

    /// <summary>How far the character before stands in a number.</summary>
    private enum Number
    {
        None,
        Integer,
        Fraction,
    }

    /// <summary>Whether vectors are left alone: their scalar twin does the same.</summary>
    internal bool IsScalar { get; init; }

    /// <summary>All words, a space between two; behind them lie <see cref="UnitHashes.Room"/> bytes more.</summary>
    public ReadOnlySpan<byte> Text => bytes.AsSpan(0, length);

    /// <summary>How many words there are.</summary>
    public int Count => count;

    /// <summary>Where each word starts in <see cref="Text"/>; and behind them one more, where another one would start.</summary>
    public ReadOnlySpan<int> Starts
    {
        get
        {
            starts[count] = length + 1;
            return starts.AsSpan(0, count + 1);
        }
    }

    public void Clear()
    {
        length = count = 0;
        bytes = bytes.Length > MaxKept ? new byte[1 << 13] : bytes;
        starts = starts.Length > MaxKept ? new int[1 << 11] : starts;
    }

    /// <summary>Adds a text of valid UTF-8; no word goes on from one text to the next.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        var from = length;
        (state, number) = (State.Closed, Number.None);
        for (var at = 0; at < utf8.Length;)
        {
            at = utf8[at] < 0x80 ? AppendAscii(utf8, at) : AppendCharacter(utf8, at);
        }

        FoldAscii(bytes.AsSpan(from, length - from));
        Reserve(UnitHashes.Room, 0);
    }

    /// <summary>Folds ASCII up to the end of the block or the first other character; returns where that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int AppendAscii(ReadOnlySpan<byte> utf8, int at)
    {
        var block = utf8[at..];
        if (block.Length < padded.Length)
        {
            block.CopyTo(padded);
            padded.AsSpan(block.Length).Fill((byte)' ');
            block = padded;
        }

        var (high, kept, digits, separators) = IsScalar || !Vector256.IsHardwareAccelerated ? ScalarMasks(block) : VectorMasks(block);
        var size = Math.Min(BlockSize, utf8.Length - at);
        size = Math.Min(size, BitOperations.TrailingZeroCount(high));
        var within = size == BlockSize ? ulong.MaxValue : (1UL << size) - 1;
        ulong dropped = 0, numbers = 0;
        if (foldsNumbers)
        {
            FoldNumbers(digits & within, separators & within, utf8, at, size, ref dropped, ref numbers);
        }

        Write(block, kept & within & ~dropped, ~kept & within & ~dropped, numbers);
        return at + size;
    }

    /// <summary>Copies the kept stretches; what lies between two of them ends a word, or is nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(ReadOnlySpan<byte> block, ulong kept, ulong gaps, ulong numbers)
    {
        Reserve(2 * BlockSize, BlockSize);
        ref var source = ref MemoryMarshal.GetReference(block);
        ref var target = ref MemoryMarshal.GetArrayDataReference(bytes);
        ref var words = ref MemoryMarshal.GetArrayDataReference(starts);
        var (end, written, open) = (length, count, state == State.Open);
        while (kept != 0)
        {
            var from = BitOperations.TrailingZeroCount(kept);
            if (!open || (gaps & ((1UL << from) - 1)) != 0)
            {
                Unsafe.Add(ref target, end) = (byte)' ';
                end += end > 0 ? 1 : 0;
                Unsafe.Add(ref words, written++) = end;
                open = true;
            }

            var run = BitOperations.TrailingZeroCount(~(kept >> from));
            var to = Math.Min(BlockSize, from + run);
            Vector256.LoadUnsafe(ref source, (nuint)from).StoreUnsafe(ref target, (nuint)end);
            if (to - from > CopySize)
            {
                Vector256.LoadUnsafe(ref source, (nuint)(from + CopySize)).StoreUnsafe(ref target, (nuint)(end + CopySize));
            }

            for (var digits = numbers >> from << from; digits != 0 && BitOperations.TrailingZeroCount(digits) is var digit && digit < to; digits &= digits - 1)
            {
                Unsafe.Add(ref target, end + digit - from) = (byte)'0';
            }

            end += to - from;
            var passed = to == BlockSize ? 0 : ulong.MaxValue << to;
            kept &= passed;
            gaps &= passed;
        }

        (length, count) = (end, written);
        state = gaps != 0 ? State.Closed : open ? State.Open : state;
    }

    /// <summary>
    /// Of each number but its first digit all is dropped: the digits, and one separator with the digits behind it (<c>\p{Nd}+([.,…]\p{Nd}+)?</c>).
    /// </summary>
    private void FoldNumbers(ulong digits, ulong separators, ReadOnlySpan<byte> utf8, int at, int size, ref ulong dropped, ref ulong numbers)
    {
        var next = 0;
        for (var rest = digits | separators; rest != 0;)
        {
            var i = BitOperations.TrailingZeroCount(rest);
            number = i > next ? Number.None : number;
            if (((digits >> i) & 1) != 0)
            {
                var run = BitOperations.TrailingZeroCount(~(digits >> i));
                var mask = (run == BlockSize ? ulong.MaxValue : (1UL << run) - 1) << i;
                if (number == Number.None)
                {
                    numbers |= 1UL << i;
                    dropped |= mask & ~(1UL << i);
                    number = Number.Integer;
                }
                else
                {
                    dropped |= mask;
                }

                next = i + run;
            }
            else
            {
                if (number == Number.Integer && IsDigit(utf8, at + i + 1))
                {
                    dropped |= 1UL << i;
                    number = Number.Fraction;
                }
                else
                {
                    number = Number.None;
                }

                next = i + 1;
            }

            rest = next >= BlockSize ? 0 : rest & (ulong.MaxValue << next);
        }

        number = next < size ? Number.None : number;
    }

    private bool IsDigit(ReadOnlySpan<byte> utf8, int at) =>
        at < utf8.Length && table.Of(Utf8Scalars.Decode(utf8, at, out _)).HasFlag(CharacterKinds.Digit);

    /// <summary>Folds one character outside ASCII; returns where the next one starts.</summary>
    private int AppendCharacter(ReadOnlySpan<byte> utf8, int at)
    {
        var code = Utf8Scalars.Decode(utf8, at, out var size);
        var next = at + size;
        var kinds = table.Of(code);
        var before = number;
        number = Number.None;
        if ((kinds & CharacterKinds.Digit) != 0)
        {
            number = before == Number.None ? Number.Integer : before;
            if (before == Number.None)
            {
                Emit('0', CharacterKinds.None);
            }

            return next;
        }

        if ((kinds & CharacterKinds.Separator) != 0 && before == Number.Integer && IsDigit(utf8, next))
        {
            number = Number.Fraction;
            return next;
        }

        if ((kinds & CharacterKinds.Gap) != 0)
        {
            state = State.Closed;
        }
        else if ((kinds & CharacterKinds.Dropped) == 0)
        {
            if ((kinds & CharacterKinds.Changes) == 0)
            {
                Emit(code, kinds);
            }
            else
            {
                EmitChanged(lowers ? Lower(code, utf8, next) : code, kinds);
            }
        }

        return next;
    }

    private int Lower(int code, ReadOnlySpan<byte> utf8, int next)
    {
        const int CapitalSigma = 0x3A3, FinalSigma = 0x3C2;
        if (rule.IsDataTrove && code == CapitalSigma && state == State.Open
            && (next == utf8.Length || !UnicodeClasses.Is(Utf8Scalars.Decode(utf8, next, out _), UnicodeClasses.Letter)))
        {
            // Python's lower() knows the letter's form at the end of a word.
            return FinalSigma;
        }

        return UnicodeTables.ToLower(code);
    }

    private void EmitChanged(int code, CharacterKinds kinds)
    {
        if (!foldsDiacritics)
        {
            Emit(code, kinds);
            return;
        }

        parts.Clear();
        NormalizationTables.Canonical.Decompose(code, parts);
        foreach (var part in parts)
        {
            if (!UnicodeClasses.Is(part, 1u << (int)System.Globalization.UnicodeCategory.NonSpacingMark))
            {
                Emit(part, kinds);
            }
        }
    }

    private void Emit(int code, CharacterKinds kinds)
    {
        Reserve(8, 1);
        var isAlone = (kinds & CharacterKinds.Alone) != 0;
        var goesOn = (kinds & CharacterKinds.Mark) != 0 ? state != State.Closed : state == State.Open && !isAlone;
        if (!goesOn)
        {
            bytes[length] = (byte)' ';
            length += length > 0 ? 1 : 0;
            starts[count++] = length;
            state = isAlone ? State.Alone : State.Open;
        }

        length += Utf8Scalars.Encode(code, bytes.AsSpan(length));
    }

    private void Reserve(int moreBytes, int moreWords)
    {
        if (bytes.Length - length < moreBytes)
        {
            Array.Resize(ref bytes, checked((int)Math.Min(Array.MaxLength, Math.Max(bytes.Length * 2L, (long)length + moreBytes))));
        }

        if (starts.Length - count <= moreWords)
        {
            Array.Resize(ref starts, checked(Math.Max(starts.Length * 2, count + moreWords + 1)));
        }
    }

    /// <summary>What each of the first 64 bytes is, one bit a byte: outside ASCII, kept, a digit, a separator in numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (ulong High, ulong Kept, ulong Digits, ulong Separators) VectorMasks(ReadOnlySpan<byte> block)
    {
        ref var source = ref MemoryMarshal.GetReference(block);
        var low = Vector256.LoadUnsafe(ref source);
        var upper = Vector256.LoadUnsafe(ref source, 32);
        return (
            Bits(low, upper),
            foldsPunctuation ? Bits(IsLetterOrDigit(low), IsLetterOrDigit(upper)) : ~Bits(IsSpace(low), IsSpace(upper)),
            foldsNumbers ? Bits(IsIn(low, '0', 10), IsIn(upper, '0', 10)) : 0,
            foldsNumbers ? Bits(IsSeparator(low), IsSeparator(upper)) : 0);

        static ulong Bits(Vector256<byte> low, Vector256<byte> upper) => low.ExtractMostSignificantBits() | ((ulong)upper.ExtractMostSignificantBits() << 32);

        static Vector256<byte> IsIn(Vector256<byte> values, char first, byte count) =>
            Vector256.LessThan(values - Vector256.Create((byte)first), Vector256.Create(count));

        static Vector256<byte> IsLetterOrDigit(Vector256<byte> values) => IsIn(values | Vector256.Create((byte)0x20), 'a', 26) | IsIn(values, '0', 10);

        static Vector256<byte> IsSpace(Vector256<byte> values) => Vector256.Equals(values, Vector256.Create((byte)' ')) | IsIn(values, '\t', 5);

        static Vector256<byte> IsSeparator(Vector256<byte> values) => Vector256.Equals(values, Vector256.Create((byte)'.')) | Vector256.Equals(values, Vector256.Create((byte)','));
    }

    private (ulong High, ulong Kept, ulong Digits, ulong Separators) ScalarMasks(ReadOnlySpan<byte> block)
    {
        ulong high = 0, kept = 0, digits = 0, separators = 0;
        for (var i = 0; i < BlockSize; i++)
        {
            var value = (char)block[i];
            var bit = 1UL << i;
            high |= value >= 0x80 ? bit : 0;
            kept |= (foldsPunctuation ? char.IsAsciiLetterOrDigit(value) : value is not (' ' or (>= '\t' and <= '\r'))) ? bit : 0;
            digits |= foldsNumbers && char.IsAsciiDigit(value) ? bit : 0;
            separators |= foldsNumbers && value is '.' or ',' ? bit : 0;
        }

        return (high, kept, digits, separators);
    }

    /// <summary>Case, in place. Bytes outside ASCII have none left by now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FoldAscii(Span<byte> text)
    {
        if (!lowers)
        {
            return;
        }

        var i = 0;
        if (!IsScalar && Vector256.IsHardwareAccelerated)
        {
            ref var first = ref MemoryMarshal.GetReference(text);
            for (; i <= text.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                var values = Vector256.LoadUnsafe(ref first, (nuint)i);
                var isUpper = Vector256.LessThan(values - Vector256.Create((byte)'A'), Vector256.Create((byte)26));
                (values | (isUpper & Vector256.Create((byte)0x20))).StoreUnsafe(ref first, (nuint)i);
            }
        }

        for (; i < text.Length; i++)
        {
            text[i] |= (byte)(char.IsAsciiLetterUpper((char)text[i]) ? 0x20 : 0);
        }
    }
}
