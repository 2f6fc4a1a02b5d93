using System.Runtime.InteropServices;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// The values of one field outside the conversation, for all records of one shard: a function of the shard's bytes, kept as derived data and
/// never in the score store. Texts are kept once each. See FORMATS.md.
/// </summary>
public sealed class FieldColumn
{
    public const int Version = 1;

    private readonly RawKind[] kinds;
    private readonly double[] numbers; // or, for a text, its number in the table
    private readonly List<string> texts;
    private readonly Dictionary<string, int> codes = new(StringComparer.Ordinal);

    public FieldColumn(int count)
        : this(new RawKind[count], new double[count], [])
    {
    }

    private FieldColumn(RawKind[] kinds, double[] numbers, List<string> texts)
    {
        this.kinds = kinds;
        this.numbers = numbers;
        this.texts = texts;
    }

    public int Count => kinds.Length;

    public RawValue this[int record]
    {
        get => kinds[record] switch
        {
            RawKind.Number => new RawValue(RawKind.Number, numbers[record], null),
            RawKind.Text => new RawValue(RawKind.Text, 0, texts[(int)numbers[record]]),
            _ => default,
        };
        set
        {
            kinds[record] = value.Kind;
            numbers[record] = value.Kind == RawKind.Text ? CodeOf(value.Text!) : value.Number;
        }
    }

    public byte[] ToBytes()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(Count);
        writer.Write(texts.Count);
        writer.Write(MemoryMarshal.AsBytes(kinds.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
        foreach (var text in texts)
        {
            writer.Write(text);
        }

        writer.Flush();
        return memory.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote for <paramref name="count"/> records; null where it does not fit together.</summary>
    public static FieldColumn? FromBytes(ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < 8 + (9L * count) || MemoryMarshal.Read<int>(bytes) != count)
        {
            return null;
        }

        var textCount = MemoryMarshal.Read<int>(bytes[4..]);
        var kinds = MemoryMarshal.Cast<byte, RawKind>(bytes.Slice(8, count)).ToArray();
        var numbers = new double[count];
        bytes.Slice(8 + count, 8 * count).CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan()));
        var texts = new List<string>();
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes[(8 + (9 * count))..].ToArray()), Encoding.UTF8);
            for (var i = 0; i < textCount; i++)
            {
                texts.Add(reader.ReadString());
            }
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }

        for (var i = 0; i < count; i++)
        {
            if (kinds[i] > RawKind.Text || (kinds[i] == RawKind.Text && !(numbers[i] >= 0 && numbers[i] < texts.Count)))
            {
                return null;
            }
        }

        return new FieldColumn(kinds, numbers, texts);
    }

    private int CodeOf(string text)
    {
        if (!codes.TryGetValue(text, out var code))
        {
            code = texts.Count;
            texts.Add(text);
            codes[text] = code;
        }

        return code;
    }
}
