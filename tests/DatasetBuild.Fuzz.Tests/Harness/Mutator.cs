using System.Buffers.Binary;
using System.Text;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>Makes other inputs from known ones, by what breaks readers of binary and text formats.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    private const int MaxLength = 1 << 18;

    private static readonly long[] Interesting =
    [
        0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 127, 128, 255, 256, 4095, 4096, 65535, 65536, 1 << 20, 1 << 24, int.MaxValue - 7, int.MaxValue, 1L << 31,
        uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue / 24, long.MaxValue, -1, -2, -8, int.MinValue, long.MinValue,
    ];

    public byte[] Mutate(byte[] input, byte[] other)
    {
        var bytes = new List<byte>(input);
        for (var steps = 1 << random.Next(4); steps > 0; steps--)
        {
            Step(bytes, other);
        }

        return bytes.Count > MaxLength ? [.. bytes[..MaxLength]] : [.. bytes];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        var (start, length) = Range(bytes.Count);
        switch (random.Next(11))
        {
            case 0 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
                break;
            case 2 when random.Next(4) == 0:
                bytes.RemoveRange(start, bytes.Count - start);
                break;
            case 3:
                bytes.RemoveRange(start, length);
                break;
            case 4 when bytes.Count < MaxLength:
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(start, length));
                break;
            case 5:
                var (from, count) = Range(other.Length);
                bytes.RemoveRange(start, length);
                bytes.InsertRange(start, other.AsSpan(from, count).ToArray());
                break;
            case 6 or 7:
                WriteNumber(bytes, Interesting[random.Next(Interesting.Length)]);
                break;
            case 8:
                // What a length field says and what is there differ by a little.
                WriteNumber(bytes, bytes.Count + random.Next(-80, 80));
                break;
            case 9 when words.Count > 0:
                bytes.RemoveRange(start, random.Next(2) == 0 ? Math.Min(length, 8) : 0);
                bytes.InsertRange(start, Encoding.UTF8.GetBytes(words[random.Next(words.Count)]));
                break;
            default:
                Shift(bytes, random.Next(-2, 3));
                break;
        }
    }

    private (int Start, int Length) Range(int size)
    {
        var start = random.Next(size + 1);
        var most = Math.Min(size - start, random.Next(3) == 0 ? size : 64);
        return (start, random.Next(most + 1));
    }

    private void WriteNumber(List<byte> bytes, long value)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        Put(bytes, number[..(1 << random.Next(4))]);
    }

    /// <summary>Adds a little to a number that is there.</summary>
    private void Shift(List<byte> bytes, int by)
    {
        Span<byte> number = stackalloc byte[8];
        var at = random.Next(bytes.Count + 1) & ~3;
        for (var i = 0; i < 4 && at + i < bytes.Count; i++)
        {
            number[i] = bytes[at + i];
        }

        BinaryPrimitives.WriteInt32LittleEndian(number, BinaryPrimitives.ReadInt32LittleEndian(number) + by);
        for (var i = 0; i < 4 && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }

    private void Put(List<byte> bytes, ReadOnlySpan<byte> number)
    {
        // Fields lie at even places more often than not.
        var at = random.Next(bytes.Count + 1);
        at = random.Next(3) == 0 ? at : at & ~3;
        for (var i = 0; i < number.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }
}
