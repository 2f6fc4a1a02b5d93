using System.Buffers;
using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Unicode normalization forms C and KC (Unicode Standard Annex 15) of UTF-8. Works segment by segment: from a character that nothing
/// joins to what stands before it, to the next such one.
/// </summary>
internal static class UnicodeNormalization
{
    public static void Normalize(ReadOnlySpan<byte> utf8, NormalizationTables tables, IBufferWriter<byte> output)
    {
        var segment = new List<int>();
        for (var start = 0; start < utf8.Length;)
        {
            var plain = PlainEnd(utf8, start, tables);
            output.Write(utf8[start..plain]);
            start = plain;
            if (start == utf8.Length)
            {
                break;
            }

            segment.Clear();
            var first = true;
            while (start < utf8.Length)
            {
                var code = Utf8Scalars.Decode(utf8, start, out var length);
                if (!first && !tables.ContinuesSegment(code))
                {
                    break;
                }

                tables.Decompose(code, segment);
                start += length;
                first = false;
            }

            Reorder(CollectionsMarshal.AsSpan(segment), tables);
            Write(CollectionsMarshal.AsSpan(segment)[..Compose(CollectionsMarshal.AsSpan(segment), tables)], output);
        }
    }

    /// <summary>The end of the run of characters that stay as they are, whatever follows them.</summary>
    private static int PlainEnd(ReadOnlySpan<byte> utf8, int start, NormalizationTables tables)
    {
        var plain = start;
        for (var i = start; i < utf8.Length;)
        {
            var code = Utf8Scalars.Decode(utf8, i, out var length);
            if (i > start && tables.ContinuesSegment(code))
            {
                return plain;
            }

            plain = i;
            if (tables.Decomposes(code) || (i == start && tables.ContinuesSegment(code)))
            {
                return plain;
            }

            i += length;
        }

        return utf8.Length;
    }

    // Canonical ordering: each run of characters with a combining class is sorted by it, stably.
    private static void Reorder(Span<int> codes, NormalizationTables tables)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            var start = i;
            var sorted = true;
            var last = 0;
            for (int combining; i < codes.Length && (combining = tables.CombiningClass(codes[i])) != 0; i++)
            {
                sorted &= combining >= last;
                last = combining;
            }

            if (!sorted)
            {
                SortByClass(codes[start..i], tables);
            }
        }
    }

    private static void SortByClass(Span<int> marks, NormalizationTables tables)
    {
        // The place as the lower half of the key makes the sort stable and keeps it n log n for a text of nothing but marks.
        var keys = new long[marks.Length];
        for (var i = 0; i < marks.Length; i++)
        {
            keys[i] = ((long)tables.CombiningClass(marks[i]) << 32) | (uint)i;
        }

        keys.AsSpan().Sort(marks);
    }

    /// <summary>Composes in place and returns how many characters are left.</summary>
    private static int Compose(Span<int> codes, NormalizationTables tables)
    {
        var (starter, count, lastClass) = (-1, 0, 0);
        foreach (var code in codes)
        {
            var combining = tables.CombiningClass(code);
            // A mark of the same or a higher class between starter and character blocks it; so does any character before a starter.
            var blocked = starter < 0 || (count - 1 > starter && lastClass >= combining);
            if (!blocked && tables.Compose(codes[starter], code) is >= 0 and var composed)
            {
                codes[starter] = composed;
                continue;
            }

            starter = combining == 0 ? count : starter;
            lastClass = combining;
            codes[count++] = code;
        }

        return count;
    }

    private static void Write(ReadOnlySpan<int> codes, IBufferWriter<byte> output)
    {
        foreach (var code in codes)
        {
            output.Advance(Utf8Scalars.Encode(code, output.GetSpan(4)));
        }
    }
}
