using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Fills all of a span with what comes next; false where it cannot be read.</summary>
internal delegate bool ReadNext(Span<byte> destination);

/// <summary>
/// Reads what <see cref="ImageWriter"/> wrote. Nothing in it is believed: a part that is not as its writer makes it is an
/// <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="length">Bytes in all.</param>
/// <param name="read">Where they come from.</param>
internal sealed class ImageReader(long length, ReadNext read)
{
    private long _left = length;

    /// <summary>Whether all was read.</summary>
    public bool AtEnd => _left == 0;

    /// <summary>Throws where a condition that the writer keeps does not hold.</summary>
    public static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new InvalidDataException("The image of a tokenizer is not one that this version writes.");
        }
    }

    public int ReadNumber()
    {
        var bytes = new byte[sizeof(int)];
        Read(bytes);
        return BitConverter.ToInt32(bytes);
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public byte[] ReadBytes()
    {
        var bytes = new byte[ReadCount(sizeof(byte))];
        Read(bytes);
        return bytes;
    }

    // Generic code over structs would be compiled anew by every process. The arrays are pinned while they are filled, and the spans are as long as they are.
    public unsafe int[] ReadInts()
    {
        var elements = new int[ReadCount(sizeof(int))];
        fixed (int* first = elements)
        {
            Read(new Span<byte>(first, elements.Length * sizeof(int)));
        }

        return elements;
    }

    /// <summary>A hash table of numbers below <paramref name="count"/>, in which -1 is an empty slot: at least one is, so that every search ends.</summary>
    public int[] ReadSlots(int count)
    {
        var slots = ReadInts();
        Expect(slots.Length >= 4 && BitOperations.IsPow2(slots.Length));
        var empty = 0;
        foreach (var number in slots)
        {
            empty += number < 0 ? 1 : 0;
            Expect((uint)(number + 1) <= (uint)count);
        }

        Expect(empty > 0);
        return slots;
    }

    public unsafe uint[] ReadUnsignedInts()
    {
        var elements = new uint[ReadCount(sizeof(uint))];
        fixed (uint* first = elements)
        {
            Read(new Span<byte>(first, elements.Length * sizeof(uint)));
        }

        return elements;
    }

    public unsafe ulong[] ReadUnsignedLongs()
    {
        var elements = new ulong[ReadCount(sizeof(ulong))];
        fixed (ulong* first = elements)
        {
            Read(new Span<byte>(first, elements.Length * sizeof(ulong)));
        }

        return elements;
    }

    public unsafe double[] ReadDoubles()
    {
        var elements = new double[ReadCount(sizeof(double))];
        fixed (double* first = elements)
        {
            Read(new Span<byte>(first, elements.Length * sizeof(double)));
        }

        return elements;
    }

    public unsafe TokenShape[] ReadShapes()
    {
        var elements = new TokenShape[ReadCount(sizeof(TokenShape))];
        fixed (TokenShape* first = elements)
        {
            Read(new Span<byte>(first, elements.Length * sizeof(TokenShape)));
        }

        return elements;
    }

    private int ReadCount(int size)
    {
        var count = ReadNumber();
        Expect(count >= 0 && (long)count * size <= Math.Min(_left, int.MaxValue));
        return count;
    }

    private void Read(Span<byte> destination)
    {
        Expect(destination.Length <= _left && read(destination));
        _left -= destination.Length;
    }
}
