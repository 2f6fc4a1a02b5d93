using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
        var value = 0;
        Read(MemoryMarshal.AsBytes(new Span<int>(ref value)));
        return value;
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadArray<byte>());

    public T[] ReadArray<T>()
        where T : unmanaged
    {
        var count = ReadNumber();
        Expect(count >= 0 && (long)count * Unsafe.SizeOf<T>() <= _left);
        var elements = GC.AllocateUninitializedArray<T>(count);
        Read(MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    private void Read(Span<byte> destination)
    {
        Expect(destination.Length <= _left && read(destination));
        _left -= destination.Length;
    }
}
