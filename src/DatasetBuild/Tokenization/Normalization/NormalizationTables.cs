using System.Collections.Frozen;
using System.IO.Compression;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The tables of Unicode normalization, unpacked once. Our own, because with InvariantGlobalization the runtime normalizes nothing, and
/// without it the result would depend on the machine's ICU. Hangul syllables are computed, not listed.
/// </summary>
internal sealed class NormalizationTables
{
    /// <summary>Canonical composition without and with compatible decompositions: NFC and NFKC.</summary>
    public static readonly NormalizationTables Canonical = new(NormalizationSource.Instance, compatible: false);
    public static readonly NormalizationTables Compatible = new(NormalizationSource.Instance, compatible: true);

    private static readonly Lazy<NormalizationTables> LazyCanonical9 = new(() => new NormalizationTables(NormalizationSource.Instance, compatible: false, 90));
    private static readonly Lazy<NormalizationTables> LazyCompatible9 = new(() => new NormalizationTables(NormalizationSource.Instance, compatible: true, 90));

    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int Vowels = 21;
    private const int Trails = 28;
    private const int Syllables = 19 * Vowels * Trails;

    private readonly FrozenDictionary<int, byte> _classes;
    private readonly FrozenDictionary<int, int[]> _decompositions;
    private readonly FrozenDictionary<long, int> _compositions;
    private readonly FrozenSet<int> _continues;

    /// <summary>The same with the data of Unicode 9.0: younger characters have neither a decomposition nor a combining class.</summary>
    public static NormalizationTables CanonicalOfReference => LazyCanonical9.Value;

    public static NormalizationTables CompatibleOfReference => LazyCompatible9.Value;

    private NormalizationTables(NormalizationSource source, bool compatible, int version = int.MaxValue)
    {
        source = source.UpTo(version);
        _classes = source.Classes.ToFrozenDictionary();
        var decompositions = new Dictionary<int, int[]>();
        foreach (var code in compatible ? source.Canonical.Keys.Concat(source.Compatible.Keys) : source.Canonical.Keys)
        {
            decompositions[code] = Expand(source, compatible, code).ToArray();
        }

        _decompositions = decompositions.ToFrozenDictionary();
        var compositions = new Dictionary<long, int>();
        foreach (var (code, pair) in source.Canonical)
        {
            // Singletons, pairs that start with a non-starter, and the listed exclusions are never composed again.
            if (pair.Length == 2 && CombiningClass(code) == 0 && CombiningClass(pair[0]) == 0 && !source.Exclusions.Contains(code))
            {
                compositions.Add(Pair(pair[0], pair[1]), code);
            }
        }

        _compositions = compositions.ToFrozenDictionary();
        var continues = compositions.Keys.Select(pair => (int)(pair & 0x1FFFFF)).Concat(source.Classes.Keys)
            .Concat(Enumerable.Range(VowelBase, Vowels)).Concat(Enumerable.Range(TrailBase + 1, Trails - 1)).ToHashSet();
        _continues = continues.Concat(decompositions.Where(entry => continues.Contains(entry.Value[0])).Select(entry => entry.Key)).ToFrozenSet();
    }

    public int CombiningClass(int code) => _classes.GetValueOrDefault(code);

    /// <summary>
    /// Whether normalizing can join the character to what stands before it: it reorders, composes backwards, or turns into something that does.
    /// Text may be cut before every other character.
    /// </summary>
    public bool ContinuesSegment(int code) => code >= 0x300 && _continues.Contains(code);

    /// <summary>Whether the character has a decomposition, into one character or more.</summary>
    public bool Decomposes(int code) => code >= 0xA0 && ((uint)(code - SyllableBase) < Syllables || _decompositions.ContainsKey(code));

    /// <summary>Appends the full decomposition of the character, or the character itself.</summary>
    public void Decompose(int code, List<int> output)
    {
        var syllable = code - SyllableBase;
        if ((uint)syllable < Syllables)
        {
            output.Add(LeadBase + (syllable / (Vowels * Trails)));
            output.Add(VowelBase + (syllable / Trails % Vowels));
            if (syllable % Trails > 0)
            {
                output.Add(TrailBase + (syllable % Trails));
            }
        }
        else if (_decompositions.TryGetValue(code, out var parts))
        {
            output.AddRange(parts);
        }
        else
        {
            output.Add(code);
        }
    }

    /// <summary>The character that the two compose to, or -1.</summary>
    public int Compose(int first, int second)
    {
        if ((uint)(first - LeadBase) < 19 && (uint)(second - VowelBase) < Vowels)
        {
            return SyllableBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Trails);
        }

        if ((uint)(first - SyllableBase) < Syllables && (first - SyllableBase) % Trails == 0 && (uint)(second - TrailBase - 1) < Trails - 1)
        {
            return first + second - TrailBase;
        }

        return _compositions.TryGetValue(Pair(first, second), out var composed) ? composed : -1;
    }

    private static long Pair(int first, int second) => ((long)first << 21) | (uint)second;

    private static IEnumerable<int> Expand(NormalizationSource source, bool compatible, int code) =>
        source.Canonical.TryGetValue(code, out var parts) || (compatible && source.Compatible.TryGetValue(code, out parts))
            ? parts.SelectMany(part => Expand(source, compatible, part))
            : [code];

    /// <summary>The unpacked data of <see cref="NormalizationData"/>.</summary>
    private sealed class NormalizationSource
    {
        public static readonly NormalizationSource Instance = new();

        private readonly byte[] _bytes;
        private int _position;

        private NormalizationSource(NormalizationSource source, int version)
        {
            static bool Known(int code, int version) => UnicodeTables.Age(code) <= version;
            _bytes = [];
            Classes = source.Classes.Where(entry => Known(entry.Key, version)).ToDictionary();
            Canonical = source.Canonical.Where(entry => Known(entry.Key, version)).ToDictionary();
            Compatible = source.Compatible.Where(entry => Known(entry.Key, version)).ToDictionary();
            Exclusions = source.Exclusions;
        }

        private NormalizationSource()
        {
            using var packed = new ZLibStream(new MemoryStream(Convert.FromBase64String(NormalizationData.Packed)), CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            packed.CopyTo(unpacked);
            _bytes = unpacked.ToArray();
            var code = 0;
            for (var runs = Next(); runs > 0; runs--)
            {
                code += Next();
                var last = code + Next();
                var combiningClass = (byte)Next();
                for (var i = code; i <= last; i++)
                {
                    Classes.Add(i, combiningClass);
                }
            }

            Canonical = NextMappings();
            Compatible = NextMappings();
            code = 0;
            for (var count = Next(); count > 0; count--)
            {
                Exclusions.Add(code += Next());
            }
        }

        public Dictionary<int, byte> Classes { get; } = [];

        public Dictionary<int, int[]> Canonical { get; }

        public Dictionary<int, int[]> Compatible { get; }

        public HashSet<int> Exclusions { get; } = [];

        /// <summary>The data that a version (times ten) had.</summary>
        public NormalizationSource UpTo(int version) => version == int.MaxValue ? this : new NormalizationSource(this, version);

        private Dictionary<int, int[]> NextMappings()
        {
            var mappings = new Dictionary<int, int[]>();
            var code = 0;
            for (var count = Next(); count > 0; count--)
            {
                code += Next();
                var parts = new int[Next()];
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = Next();
                }

                mappings.Add(code, parts);
            }

            return mappings;
        }

        private int Next() => Varint.Read(_bytes, ref _position);
    }
}
