using System.Collections.Concurrent;
using System.Globalization;

namespace DatasetBuild.Tokenization;

/// <summary>The named classes of regular expressions in Unicode 16.0: general categories, scripts, properties and the POSIX names.</summary>
internal static class CharacterClasses
{
    public static readonly CodePointSet Newline = CodePointSet.Of('\n');
    public static readonly CodePointSet Hexadecimal = CodePointSet.Range('0', '9').Union(CodePointSet.Range('A', 'F')).Union(CodePointSet.Range('a', 'f'));

    private static readonly ConcurrentDictionary<string, CodePointSet?> Known = new(StringComparer.Ordinal);

    // Two letters for one category, one letter for a group of them; then the long names.
    private static readonly Dictionary<string, uint> Categories = ReadCategories();

    /// <summary><c>\s</c></summary>
    public static CodePointSet Space => ReferenceSets.WhiteSpace;

    /// <summary><c>\d</c></summary>
    public static CodePointSet Digit => Find("nd")!;

    /// <summary><c>\w</c> inside brackets, and <c>\p{Word}</c>.</summary>
    public static CodePointSet Word => Find("word")!;

    /// <summary><c>\w</c> by itself and in <c>\b</c>, where Oniguruma's table of Latin-1 also has the superscript digits and the fractions.</summary>
    public static CodePointSet BareWord => Find("bareword")!;

    /// <summary>The class of a name, in which case, spaces, hyphens and underscores do not matter; null if the name is unknown.</summary>
    public static CodePointSet? Named(string name)
    {
        var folded = string.Concat(name.Where(c => c is not (' ' or '-' or '_'))).ToLowerInvariant();
        return folded == "bareword" ? null : Find(folded);
    }

    /// <summary>The class of a POSIX bracket such as <c>[:alpha:]</c>, or null.</summary>
    public static CodePointSet? Posix(string name) => name switch
    {
        "punct" => Find("posixpunct"),
        "alnum" or "alpha" or "ascii" or "blank" or "cntrl" or "digit" or "graph" or "lower" or "print" or "space" or "upper" or "xdigit" or "word" => Find(name),
        _ => null,
    };

    private static CodePointSet? Find(string name) => Known.GetOrAdd(name, Make);

    private static CodePointSet? Make(string name) =>
        Categories.TryGetValue(name, out var bits) ? CodePointSet.Where(code => UnicodeClasses.Is(code, bits))
        : MakeProperty(name) is { } property ? property
        : ScriptIndex(name) is >= 0 and var script ? CodePointSet.Where(code => UnicodeClasses.IsAssigned(code) && UnicodeTables.Script(code) == script)
        : null;

    private static CodePointSet? MakeProperty(string name) => name switch
    {
        "any" => CodePointSet.All,
        "assigned" => CodePointSet.Where(UnicodeClasses.IsAssigned),
        "ascii" => CodePointSet.Range(0, 0x7F),
        "alpha" or "alphabetic" => CodePointSet.Where(UnicodeClasses.IsAlphabetic),
        "alnum" => Find("alpha")!.Union(Digit),
        "lower" or "lowercase" => CodePointSet.Where(code =>
            UnicodeClasses.Is(code, UnicodeClasses.Lowercase) || (UnicodeClasses.IsAssigned(code) && UnicodeTables.IsOtherLowercase(code))),
        "upper" or "uppercase" => CodePointSet.Where(code =>
            UnicodeClasses.Is(code, 1u << (int)UnicodeCategory.UppercaseLetter) || (UnicodeClasses.IsAssigned(code) && UnicodeTables.IsOtherUppercase(code))),
        "space" or "whitespace" => Space,
        "blank" => Find("zs")!.Union(CodePointSet.Of('\t')),
        "xdigit" => Hexadecimal,
        "posixpunct" => Find("p")!.Union(Find("s")!),
        "graph" => Find("assigned")!.Except(Space).Except(Find("cc")!).Except(Find("cs")!),
        "print" => Find("graph")!.Union(Find("zs")!),
        "word" => CodePointSet.Where(UnicodeClasses.IsWord),
        "bareword" => Word.Union(CodePointSet.Of(0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE)),
        _ => NamedSets.Find(name),
    };

    private static int ScriptIndex(string name)
    {
        for (var i = 0; i < UnicodeTables.ScriptNames.Count; i++)
        {
            var (full, brief) = UnicodeTables.ScriptNames[i];
            if (name.Equals(full.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)
                || name.Equals(brief, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static Dictionary<string, uint> ReadCategories()
    {
        const string names =
            "lu uppercaseletter,ll lowercaseletter,lt titlecaseletter,lm modifierletter,lo otherletter,mn nonspacingmark,mc spacingmark,me enclosingmark,"
            + "nd decimalnumber digit,nl letternumber,no othernumber,zs spaceseparator,zl lineseparator,zp paragraphseparator,cc control cntrl,cf format,"
            + "cs surrogate,co privateuse,pc connectorpunctuation,pd dashpunctuation,ps openpunctuation,pe closepunctuation,pi initialpunctuation,"
            + "pf finalpunctuation,po otherpunctuation,sm mathsymbol,sc currencysymbol,sk modifiersymbol,so othersymbol,cn unassigned";
        var categories = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var (index, line) in names.Split(',').Index())
        {
            foreach (var name in line.Split(' '))
            {
                categories.Add(name, 1u << index);
            }
        }

        foreach (var (names2, bits) in Groups())
        {
            foreach (var name in names2.Split(' '))
            {
                categories.Add(name, bits);
            }
        }

        return categories;

        // The order of the names above is that of UnicodeCategory.
        IEnumerable<(string, uint)> Groups() =>
        [
            ("l letter", UnicodeClasses.Letter), ("m mark combiningmark", UnicodeClasses.Mark), ("n number", UnicodeClasses.Number),
            ("p punctuation punct", UnicodeClasses.Punctuation), ("s symbol", UnicodeClasses.Symbol), ("z separator", UnicodeClasses.Separator),
            ("c other", categories["cc"] | categories["cf"] | categories["cs"] | categories["co"] | categories["cn"]),
            ("lc casedletter", categories["lu"] | categories["ll"] | categories["lt"]),
        ];
    }
}
