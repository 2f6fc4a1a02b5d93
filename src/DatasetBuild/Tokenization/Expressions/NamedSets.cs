namespace DatasetBuild.Tokenization;

/// <summary>
/// Properties of Unicode 16.0 that are short lists of ranges: what patterns ask beside categories and scripts. Each entry has the folded long and short name, then first and last
/// code points.
/// </summary>
internal static class NamedSets
{
    private static readonly (string Long, string Short, int[] Bounds)[] Sets =
    [
        ("joincontrol", "joinc", [0x200C, 0x200D]),
        ("asciihexdigit", "ahex", ['0', '9', 'A', 'F', 'a', 'f']),
        ("hexdigit", "hex", ['0', '9', 'A', 'F', 'a', 'f', 0xFF10, 0xFF19, 0xFF21, 0xFF26, 0xFF41, 0xFF46]),
        ("regionalindicator", "ri", [0x1F1E6, 0x1F1FF]),
        ("variationselector", "vs", [0x180B, 0x180D, 0x180F, 0x180F, 0xFE00, 0xFE0F, 0xE0100, 0xE01EF]),
        ("bidicontrol", "bidic", [0x61C, 0x61C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069]),
        ("patternwhitespace", "patws", [0x9, 0xD, 0x20, 0x20, 0x85, 0x85, 0x200E, 0x200F, 0x2028, 0x2029]),
        ("ideographic", "ideo",
        [
            0x3006, 0x3007, 0x3021, 0x3029, 0x3038, 0x303A, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFA6D, 0xFA70, 0xFAD9, 0x16FE4, 0x16FE4, 0x17000, 0x187F7, 0x18800, 0x18CD5,
            0x18CFF, 0x18D08, 0x1B170, 0x1B2FB, 0x20000, 0x2A6DF, 0x2A700, 0x2B739, 0x2B740, 0x2B81D, 0x2B820, 0x2CEA1, 0x2CEB0, 0x2EBE0, 0x2EBF0, 0x2EE5D, 0x2F800, 0x2FA1D, 0x30000, 0x3134A,
            0x31350, 0x323AF,
        ]),
        ("unifiedideograph", "uideo",
        [
            0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xFA0E, 0xFA0F, 0xFA11, 0xFA11, 0xFA13, 0xFA14, 0xFA1F, 0xFA1F, 0xFA21, 0xFA21, 0xFA23, 0xFA24, 0xFA27, 0xFA29, 0x20000, 0x2A6DF, 0x2A700, 0x2B739,
            0x2B740, 0x2B81D, 0x2B820, 0x2CEA1, 0x2CEB0, 0x2EBE0, 0x2EBF0, 0x2EE5D, 0x30000, 0x3134A, 0x31350, 0x323AF,
        ]),
    ];

    /// <summary>The set with a name, in lower case and without separators; or null.</summary>
    public static CodePointSet? Find(string name)
    {
        if (name is "noncharactercodepoint" or "nchar")
        {
            return CodePointSet.Where(code => (code & 0xFFFE) == 0xFFFE || code is >= 0xFDD0 and <= 0xFDEF);
        }

        foreach (var (full, brief, bounds) in Sets)
        {
            if (name == full || name == brief)
            {
                return bounds.Chunk(2).Aggregate(CodePointSet.Empty, (set, range) => set.Union(CodePointSet.Range(range[0], range[1])));
            }
        }

        return null;
    }
}
