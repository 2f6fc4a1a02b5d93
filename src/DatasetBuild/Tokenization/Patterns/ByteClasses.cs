using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The classes of 64 bytes, one bit a byte, the first byte in the lowest bit: what patterns over ASCII ask. Every byte is in exactly one of
/// <see cref="Upper"/>, <see cref="Lower"/>, <see cref="Digit"/>, <see cref="Blank"/>, <see cref="NewLine"/>, <see cref="High"/> and
/// <see cref="Other"/>. The vector widths give the same bits as <see cref="OfScalar"/>.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct ByteClasses
{
    /// <summary>Bytes in one block.</summary>
    public const int BlockSize = 64;

    /// <summary>A to Z.</summary>
    public ulong Upper;

    /// <summary>a to z.</summary>
    public ulong Lower;

    /// <summary>0 to 9.</summary>
    public ulong Digit;

    /// <summary>ASCII white space that breaks no line for a pattern: tab, vertical tab, form feed, space.</summary>
    public ulong Blank;

    /// <summary>The space alone.</summary>
    public ulong Space;

    /// <summary>Line feed and carriage return.</summary>
    public ulong NewLine;

    /// <summary>Bytes above 0x7F: parts of characters whose class takes a table to know.</summary>
    public ulong High;

    public ulong Apostrophe;
    public ulong Slash;

    /// <summary>Bits of the vectors that this machine and its settings let <see cref="Of"/> use; 0 for none.</summary>
    public static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    public readonly ulong Letter => Upper | Lower;

    public readonly ulong WhiteSpace => Blank | NewLine;

    /// <summary>ASCII that is neither letter, digit nor white space.</summary>
    public readonly ulong Other => ~(Upper | Lower | Digit | Blank | NewLine | High);

    /// <summary>
    /// The classes of the 64 bytes that start at <paramref name="block"/>, by the widest vectors of this machine. Code that is compiled ahead of time has no
    /// such vectors, so this is always compiled by the process; at once as well as it can be, and called by code that need not be.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Of(ref readonly byte block, out ByteClasses classes)
    {
        switch (VectorBits)
        {
            case 512:
                Of512(in block, out classes);
                break;
            case 256:
                Of256(in block, out classes);
                break;
            case 128:
                Of128(in block, out classes);
                break;
            default:
                OfScalar(in block, out classes);
                break;
        }
    }

    public static void Of512(ref readonly byte block, out ByteClasses classes)
    {
        var bytes = Vector512.LoadUnsafe(in block);
        var space = Vector512.Equals(bytes, Vector512.Create((byte)' '));
        classes.Upper = Within(bytes, (byte)'A', 26);
        classes.Lower = Within(bytes, (byte)'a', 26);
        classes.Digit = Within(bytes, (byte)'0', 10);
        classes.Space = space.ExtractMostSignificantBits();
        classes.NewLine = Is(bytes, (byte)'\n') | Is(bytes, (byte)'\r');
        classes.Blank = classes.Space | (Within(bytes, (byte)'\t', 5) & ~classes.NewLine);
        classes.High = bytes.ExtractMostSignificantBits();
        classes.Apostrophe = Is(bytes, (byte)'\'');
        classes.Slash = Is(bytes, (byte)'/');

        static ulong Is(Vector512<byte> bytes, byte value) => Vector512.Equals(bytes, Vector512.Create(value)).ExtractMostSignificantBits();

        static ulong Within(Vector512<byte> bytes, byte first, byte count) =>
            Vector512.LessThan(bytes - Vector512.Create(first), Vector512.Create(count)).ExtractMostSignificantBits();
    }

    public static void Of256(ref readonly byte block, out ByteClasses classes)
    {
        classes = default;
        for (var at = 0; at < BlockSize; at += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(in block, (nuint)at);
            var lines = Is(bytes, (byte)'\n') | Is(bytes, (byte)'\r');
            var spaces = Is(bytes, (byte)' ');
            classes.Upper |= Within(bytes, (byte)'A', 26) << at;
            classes.Lower |= Within(bytes, (byte)'a', 26) << at;
            classes.Digit |= Within(bytes, (byte)'0', 10) << at;
            classes.Space |= spaces << at;
            classes.NewLine |= lines << at;
            classes.Blank |= (spaces | (Within(bytes, (byte)'\t', 5) & ~lines)) << at;
            classes.High |= (ulong)bytes.ExtractMostSignificantBits() << at;
            classes.Apostrophe |= Is(bytes, (byte)'\'') << at;
            classes.Slash |= Is(bytes, (byte)'/') << at;
        }

        static ulong Is(Vector256<byte> bytes, byte value) => Vector256.Equals(bytes, Vector256.Create(value)).ExtractMostSignificantBits();

        static ulong Within(Vector256<byte> bytes, byte first, byte count) =>
            Vector256.LessThan(bytes - Vector256.Create(first), Vector256.Create(count)).ExtractMostSignificantBits();
    }

    public static void Of128(ref readonly byte block, out ByteClasses classes)
    {
        classes = default;
        for (var at = 0; at < BlockSize; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(in block, (nuint)at);
            var lines = Is(bytes, (byte)'\n') | Is(bytes, (byte)'\r');
            var spaces = Is(bytes, (byte)' ');
            classes.Upper |= Within(bytes, (byte)'A', 26) << at;
            classes.Lower |= Within(bytes, (byte)'a', 26) << at;
            classes.Digit |= Within(bytes, (byte)'0', 10) << at;
            classes.Space |= spaces << at;
            classes.NewLine |= lines << at;
            classes.Blank |= (spaces | (Within(bytes, (byte)'\t', 5) & ~lines)) << at;
            classes.High |= (ulong)bytes.ExtractMostSignificantBits() << at;
            classes.Apostrophe |= Is(bytes, (byte)'\'') << at;
            classes.Slash |= Is(bytes, (byte)'/') << at;
        }

        static ulong Is(Vector128<byte> bytes, byte value) => Vector128.Equals(bytes, Vector128.Create(value)).ExtractMostSignificantBits();

        static ulong Within(Vector128<byte> bytes, byte first, byte count) =>
            Vector128.LessThan(bytes - Vector128.Create(first), Vector128.Create(count)).ExtractMostSignificantBits();
    }

    public static void OfScalar(ref readonly byte block, out ByteClasses classes)
    {
        classes = default;
        for (var at = 0; at < BlockSize; at++)
        {
            var bit = 1UL << at;
            int value = Unsafe.Add(ref Unsafe.AsRef(in block), at);
            ref var plain = ref classes.Upper;
            switch (value)
            {
                case >= 'A' and <= 'Z':
                    break;
                case >= 'a' and <= 'z':
                    plain = ref classes.Lower;
                    break;
                case >= '0' and <= '9':
                    plain = ref classes.Digit;
                    break;
                case ' ':
                    classes.Space |= bit;
                    plain = ref classes.Blank;
                    break;
                case '\n' or '\r':
                    plain = ref classes.NewLine;
                    break;
                case '\t' or '\v' or '\f':
                    plain = ref classes.Blank;
                    break;
                case > 0x7F:
                    plain = ref classes.High;
                    break;
                case '\'':
                    plain = ref classes.Apostrophe;
                    break;
                case '/':
                    plain = ref classes.Slash;
                    break;
                default:
                    continue;
            }

            plain |= bit;
        }
    }
}
