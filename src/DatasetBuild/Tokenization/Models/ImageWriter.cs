using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Writes the parts of a tokenizer as they stand in memory, one behind the other.</summary>
internal sealed class ImageWriter(Action<ReadOnlySpan<byte>> write)
{
    public void Write(int value) => write(MemoryMarshal.AsBytes([value]));

    public void Write(string text) => Write<byte>(Encoding.UTF8.GetBytes(text));

    /// <summary>The number of elements, then the elements.</summary>
    public void Write<T>(ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        Write(elements.Length);
        write(MemoryMarshal.AsBytes(elements));
    }
}
