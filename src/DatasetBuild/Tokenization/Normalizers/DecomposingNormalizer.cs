using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The normalization forms NFD, NFC, NFKD and NFKC with the tables of Unicode 9.0, which are the reference library's. Beside the characters it
/// keeps how each came about, from which the places of tokens follow.
/// </summary>
internal sealed class DecomposingNormalizer(bool compatible, bool compose) : INormalizer
{
    private readonly Lazy<StableCharacters> _stable = new(() => new StableCharacters(Tables(compatible), compose));

    public bool Keeps(ReadOnlySpan<byte> utf8) => Ascii.IsValid(utf8) || _stable.Value.Cover(utf8);

    public AlignedText Normalize(AlignedText text)
    {
        if (Keeps(text.Bytes))
        {
            return text;
        }

        var tables = Tables(compatible);
        var changes = Decompose(text.Bytes, tables);
        changes = compose ? Compose(changes, tables) : changes;
        var builder = new AlignedText.Builder(text);
        foreach (var (code, change) in changes)
        {
            builder.AppendChange(code, change);
        }

        return builder.Build();
    }

    private static NormalizationTables Tables(bool compatible) => compatible ? NormalizationTables.CompatibleOfReference : NormalizationTables.CanonicalOfReference;

    // The first character of a decomposition replaces the old one, the others are new. Marks are sorted together with what they are.
    private static List<(int Code, int Change)> Decompose(ReadOnlySpan<byte> utf8, NormalizationTables tables)
    {
        var changes = new List<(int Code, int Change)>(utf8.Length);
        var parts = new List<int>();
        for (var i = 0; i < utf8.Length;)
        {
            var code = Utf8Scalars.Decode(utf8, i, out var length);
            i += length;
            parts.Clear();
            tables.Decompose(code, parts);
            for (var part = 0; part < parts.Count; part++)
            {
                changes.Add((parts[part], part == 0 ? 0 : 1));
            }
        }

        for (var start = 0; start < changes.Count;)
        {
            var end = start;
            while (end < changes.Count && tables.CombiningClass(changes[end].Code) != 0)
            {
                end++;
            }

            SortMarks(CollectionsMarshal.AsSpan(changes)[start..end], tables);
            start = end + 1;
        }

        return changes;
    }

    private static void SortMarks(Span<(int Code, int Change)> marks, NormalizationTables tables)
    {
        if (marks.Length > 1)
        {
            var keys = new long[marks.Length];
            for (var i = 0; i < marks.Length; i++)
            {
                keys[i] = ((long)tables.CombiningClass(marks[i].Code) << 32) | (uint)i;
            }

            keys.AsSpan().Sort(marks);
        }
    }

    private static List<(int Code, int Change)> Compose(List<(int Code, int Change)> decomposed, NormalizationTables tables)
    {
        var composed = new List<(int Code, int Change)>(decomposed.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var (code, change) in decomposed)
        {
            var combining = tables.CombiningClass(code);
            var blocked = starter < 0 || (starter < composed.Count - 1 && lastClass >= combining);
            if (!blocked && tables.Compose(composed[starter].Code, code) is >= 0 and var joined)
            {
                composed[starter] = (joined, composed[starter].Change + change - 1);
                continue;
            }

            starter = combining == 0 ? composed.Count : starter;
            lastClass = combining;
            composed.Add((code, change));
        }

        return composed;
    }
}
