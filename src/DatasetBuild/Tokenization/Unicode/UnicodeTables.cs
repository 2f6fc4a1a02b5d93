using System.IO.Compression;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The unpacked tables of <see cref="UnicodeData"/>: ages, scripts, properties beside the categories, lower case and case folding.</summary>
internal static class UnicodeTables
{
    private const int OtherAlphabetic = 1;
    private const int OtherLowercase = 2;
    private const int OtherUppercase = 4;

    private static readonly Source Data = new();
    private static readonly Lazy<ILookup<int, int>> ByFolding = new(() =>
        Data.Lower.Codes().Concat(Data.Folding.Codes()).Distinct().Where(code => Fold(code) != code).ToLookup(Fold));

    /// <summary>The names of the scripts, long and short (<c>Han</c>, <c>Hani</c>), by the index that <see cref="Script"/> gives.</summary>
    public static IReadOnlyList<(string Long, string Short)> ScriptNames => Data.ScriptNames;

    /// <summary>The version that first had the character, times ten, where that is later than 8.0; otherwise 0, also if no version has it.</summary>
    public static int Age(int code) => Data.Ages.Find(code, 0);

    /// <summary>The index of the character's script, or -1.</summary>
    public static int Script(int code) => Data.Scripts.Find(code, -1);

    public static bool IsOtherAlphabetic(int code) => (Data.Properties.Find(code, 0) & OtherAlphabetic) != 0;

    public static bool IsOtherLowercase(int code) => (Data.Properties.Find(code, 0) & OtherLowercase) != 0;

    public static bool IsOtherUppercase(int code) => (Data.Properties.Find(code, 0) & OtherUppercase) != 0;

    /// <summary>The lower-case character. U+0130 becomes <c>i</c> here; its full mapping adds U+0307.</summary>
    public static int ToLower(int code) =>
        code < 0x80 ? code is >= 'A' and <= 'Z' ? code | 0x20 : code : code + UnZigzag(Data.Lower.Find(code, 0));

    /// <summary>The simple case folding.</summary>
    public static int Fold(int code) => Data.Folding.Find(code, -1) is >= 0 and var difference ? code + UnZigzag(difference) : ToLower(code);

    /// <summary>The sets of characters that differ in case alone.</summary>
    public static IEnumerable<IReadOnlyList<int>> CaseGroups => ByFolding.Value.Select(group => (IReadOnlyList<int>)[.. group, group.Key]);

    /// <summary>All characters with the same simple case folding, the character itself among them.</summary>
    public static IEnumerable<int> CaseVariants(int code) => ByFolding.Value[Fold(code)].Append(Fold(code)).Append(code).Distinct();

    private static int UnZigzag(int value) => (value >> 1) ^ -(value & 1);

    /// <summary>The packed data, read once in the order in which it is written.</summary>
    private sealed class Source
    {
        private readonly byte[] _bytes;
        private int _position;

        public Source()
        {
            using var packed = new ZLibStream(new MemoryStream(Convert.FromBase64String(UnicodeData.Packed)), CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            packed.CopyTo(unpacked);
            _bytes = unpacked.ToArray();
            Ages = NextRuns();
            ScriptNames = [.. Enumerable.Range(0, Next()).Select(_ => (NextText(), NextText()))];
            Scripts = NextRuns();
            Properties = NextRuns();
            Lower = NextRuns();
            Folding = NextRuns();
        }

        public CodePointRuns Ages { get; }

        public (string Long, string Short)[] ScriptNames { get; }

        public CodePointRuns Scripts { get; }

        public CodePointRuns Properties { get; }

        public CodePointRuns Lower { get; }

        public CodePointRuns Folding { get; }

        private CodePointRuns NextRuns()
        {
            var (firsts, lasts, values) = (new int[Next()], new List<int>(), new List<int>());
            for (var (i, code) = (0, 0); i < firsts.Length; i++)
            {
                code += Next();
                firsts[i] = code;
                lasts.Add(code + Next());
                values.Add(Next());
            }

            return new CodePointRuns(firsts, [.. lasts], [.. values]);
        }

        private string NextText()
        {
            var length = Next();
            _position += length;
            return Encoding.UTF8.GetString(_bytes, _position - length, length);
        }

        private int Next() => Varint.Read(_bytes, ref _position);
    }
}
