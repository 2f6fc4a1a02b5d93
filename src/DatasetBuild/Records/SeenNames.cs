using System.Text;

namespace DatasetBuild.Records;

/// <summary>The names of an object's properties so far. Reused from object to object.</summary>
internal sealed class SeenNames
{
    /// <summary>So many are compared one by one, which most records never go beyond.</summary>
    private const int Few = 32;

    private readonly List<int> ends = [];
    private readonly HashSet<string> many = [];
    private byte[] bytes = new byte[256];

    private int Used => ends.Count == 0 ? 0 : ends[^1];

    public void Clear()
    {
        ends.Clear();
        if (many.Count > 0)
        {
            many.Clear();
            many.TrimExcess();
        }
    }

    /// <summary>False where the name stood there before.</summary>
    public bool Add(ReadOnlySpan<byte> name)
    {
        for (int i = 0, start = 0; i < ends.Count; start = ends[i++])
        {
            if (name.SequenceEqual(bytes.AsSpan(start, ends[i] - start)))
            {
                return false;
            }
        }

        if (ends.Count == Few)
        {
            return many.Add(Encoding.Latin1.GetString(name)); // a character for each byte
        }

        if (bytes.Length - Used < name.Length)
        {
            Array.Resize(ref bytes, Math.Max(2 * bytes.Length, Used + name.Length));
        }

        name.CopyTo(bytes.AsSpan(Used));
        ends.Add(Used + name.Length);
        return true;
    }
}
