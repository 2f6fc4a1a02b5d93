namespace DatasetBuild.Tokenization;

/// <summary>
/// The characters that a normalization form leaves as they are whatever stands around them, so that a text of nothing else need not be normalized.
/// Found out for 256 characters at a time when one of them is met.
/// </summary>
internal sealed class StableCharacters(NormalizationTables tables, bool compose)
{
    private const int BlockBits = 8;

    private readonly ulong[]?[] _blocks = new ulong[]?[CodePointSet.CodePoints >> BlockBits];

    public bool Cover(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length;)
        {
            var code = Utf8Scalars.Decode(utf8, i, out var length);
            if (code >= 0x80 && !Contains(code))
            {
                return false;
            }

            i += length;
        }

        return true;
    }

    private bool Contains(int code) => ((_blocks[code >> BlockBits] ??= Find(code >> BlockBits))[(code >> 6) & 3] >> (code & 63) & 1) != 0;

    // Two threads that find the same block find the same bits.
    private ulong[] Find(int block)
    {
        var bits = new ulong[1 << (BlockBits - 6)];
        for (var i = 0; i < 1 << BlockBits; i++)
        {
            bits[i >> 6] |= IsStable((block << BlockBits) | i) ? 1UL << (i & 63) : 0;
        }

        return bits;
    }

    private bool IsStable(int code) => compose
        ? !tables.ContinuesSegment(code) && tables.CombiningClass(code) == 0 && (!tables.Decomposes(code) || Recomposes(code))
        : !tables.Decomposes(code) && tables.CombiningClass(code) == 0;

    private bool Recomposes(int code)
    {
        var parts = new List<int>();
        tables.Decompose(code, parts);
        return parts.Skip(1).Aggregate(parts[0], (joined, part) => joined < 0 ? -1 : tables.Compose(joined, part)) == code;
    }
}
