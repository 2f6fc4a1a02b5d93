using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The methods of Python's strings. On a marked text they escape the texts they are given and give marked texts, as markupsafe does.</summary>
internal static class TextMethods
{
    private delegate object? Method(Rendering rendering, string text, CallArguments arguments);

    private static readonly Dictionary<string, Method> All = new(StringComparer.Ordinal)
    {
        ["capitalize"] = (_, s, a) => Casing.Capitalize(s),
        ["casefold"] = (_, s, a) => s.All(char.IsAscii) ? s.ToLowerInvariant() : throw JinjaError.Unsupported("casefold of a text that is not ASCII: use lower"),
        ["center"] = (r, s, a) => Justified(r, s, a, "center"),
        ["count"] = (_, s, a) => Count(s, a),
        ["encode"] = (_, _, _) => throw JinjaError.Unsupported("the method 'encode': there are no bytes in a chat template"),
        ["endswith"] = (_, s, a) => Affix(s, a, "endswith", (text, affix) => text.EndsWith(affix, StringComparison.Ordinal)),
        ["expandtabs"] = ExpandTabs,
        ["find"] = (_, s, a) => Find(s, a, fromEnd: false),
        ["format"] = (r, s, a) => BraceFormat.Apply(r, s, a),
        ["format_map"] = (r, s, a) => BraceFormat.Apply(r, s, new CallArguments([], [.. (a.Bind("format_map", 1, "/mapping")[0] as DictValue ?? throw JinjaError.Runtime("format_map needs a mapping")).Pairs.Select(pair => new KeyValuePair<string, object?>(Spelling.Str(r, pair.Key), pair.Value))])),
        ["index"] = (_, s, a) => Find(s, a, fromEnd: false) is >= 0L and var at ? at : throw JinjaError.Runtime("substring not found"),
        ["isalnum"] = (_, s, _) => AllOf(s, rune => Rune.IsLetter(rune) || IsNumeric(rune)),
        ["isalpha"] = (_, s, _) => AllOf(s, Rune.IsLetter),
        ["isascii"] = (_, s, _) => s.All(char.IsAscii),
        ["isdecimal"] = (_, s, _) => AllOf(s, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber),
        ["isdigit"] = (_, s, _) => AllOf(s, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber || CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0),
        ["isidentifier"] = (_, s, _) => s.Length > 0 && !char.IsAsciiDigit(s[0]) && AllOf(s, rune => rune.Value == '_' || Rune.IsLetterOrDigit(rune)),
        ["islower"] = (_, s, _) => IsLower(s),
        ["isnumeric"] = (_, s, _) => AllOf(s, IsNumeric),
        ["isprintable"] = (_, s, _) => s.Length == 0 || AllOf(s, PythonText.IsPrintable),
        ["isspace"] = (_, s, _) => s.Length > 0 && PythonText.IsAllSpace(s),
        ["istitle"] = (_, s, _) => Casing.Title(s) == s && s.EnumerateRunes().Any(Casing.IsCased),
        ["isupper"] = (_, s, _) => IsUpper(s),
        ["join"] = Join,
        ["ljust"] = (r, s, a) => Justified(r, s, a, "ljust"),
        ["lower"] = (_, s, _) => Casing.Lower(s),
        ["lstrip"] = (_, s, a) => Strip(s, a, "lstrip", atStart: true, atEnd: false),
        ["maketrans"] = (_, _, _) => throw JinjaError.Unsupported("the method 'maketrans': use replace"),
        ["partition"] = (_, s, a) => Partition(s, a, fromEnd: false),
        ["removeprefix"] = (_, s, a) => a.Bind("removeprefix", 1, "/prefix").Text(0) is var prefix && s.StartsWith(prefix, StringComparison.Ordinal) ? s[prefix.Length..] : s,
        ["removesuffix"] = (_, s, a) => a.Bind("removesuffix", 1, "/suffix").Text(0) is var suffix && suffix.Length > 0 && s.EndsWith(suffix, StringComparison.Ordinal) ? s[..^suffix.Length] : s,
        ["replace"] = (r, s, a) => a.Bind("replace", 2, "/old", "/new", "/count") is var bound ? Replace(r, s, bound.Text(0), bound.Text(1), bound.Integer(2, -1)) : null,
        ["rfind"] = (_, s, a) => Find(s, a, fromEnd: true),
        ["rindex"] = (_, s, a) => Find(s, a, fromEnd: true) is >= 0L and var at ? at : throw JinjaError.Runtime("substring not found"),
        ["rjust"] = (r, s, a) => Justified(r, s, a, "rjust"),
        ["rpartition"] = (_, s, a) => Partition(s, a, fromEnd: true),
        ["rsplit"] = (r, s, a) => Split(r, s, a, fromEnd: true),
        ["rstrip"] = (_, s, a) => Strip(s, a, "rstrip", atStart: false, atEnd: true),
        ["split"] = (r, s, a) => Split(r, s, a, fromEnd: false),
        ["splitlines"] = (_, s, a) => Texts(PythonText.Lines(s, a.Bind("splitlines", 0, "keepends").IsTrue(0))),
        ["startswith"] = (_, s, a) => Affix(s, a, "startswith", (text, affix) => text.StartsWith(affix, StringComparison.Ordinal)),
        ["strip"] = (_, s, a) => Strip(s, a, "strip", atStart: true, atEnd: true),
        ["swapcase"] = (_, s, _) => Casing.SwapCase(s),
        ["title"] = (_, s, _) => Casing.Title(s),
        ["translate"] = (_, _, _) => throw JinjaError.Unsupported("the method 'translate': use replace"),
        ["upper"] = (_, s, _) => Casing.Upper(s),
        ["zfill"] = (r, s, a) => ZeroFilled(r, s, a),
    };

    /// <summary>Methods of a marked text whose result is not marked.</summary>
    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal) { "count", "find", "rfind", "index", "rindex", "startswith", "endswith" };

    public static bool Exists(string name) => All.ContainsKey(name);

    public static object? Call(Rendering rendering, object target, string name, CallArguments arguments)
    {
        if (target is string text)
        {
            return Accounted(rendering, All[name](rendering, text, arguments));
        }

        var marked = ((Markup)target).Text;
        if (name == "format")
        {
            return new Markup(BraceFormat.Apply(rendering, marked, arguments, escape: true));
        }

        var given = Plain.Contains(name) || name is "split" or "rsplit" or "strip" or "lstrip" or "rstrip"
            ? arguments
            : new CallArguments([.. arguments.Positional.Select(Escaped)], [.. arguments.Named.Select(pair => new KeyValuePair<string, object?>(pair.Key, Escaped(pair.Value)))]);
        return Accounted(rendering, All[name](rendering, marked, given)) switch
        {
            string result when !Plain.Contains(name) => new Markup(result),
            ListValue list => new ListValue([.. list.Items.Select(Marked)]),
            TupleValue tuple => new TupleValue([.. tuple.Items.Select(Marked)]),
            var other => other,
        };

        static object? Escaped(object? value) => value switch
        {
            string s => PythonText.EscapeHtml(s),
            ListValue list => new ListValue([.. list.Items.Select(Escaped)]),
            TupleValue tuple => new TupleValue([.. tuple.Items.Select(Escaped)]),
            _ => value,
        };

        static object? Marked(object? value) => value is string s ? new Markup(s) : value;
    }

    public static bool IsLower(string text) => text.EnumerateRunes().Any(Casing.IsCased) && text.EnumerateRunes().All(rune => !Casing.IsCased(rune) || IsLowerCased(rune));

    public static bool IsUpper(string text) => text.EnumerateRunes().Any(Casing.IsCased) && text.EnumerateRunes().All(rune => !Casing.IsCased(rune) || IsUpperCased(rune));

    /// <summary>The runs of what is not white space.</summary>
    public static IEnumerable<string> Words(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && !PythonText.IsSpace(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                yield return text[start..i];
            }

            i++;
        }
    }

    public static string Replace(Rendering rendering, string text, string old, string replacement, long most)
    {
        if (replacement.Length > old.Length)
        {
            long found = old.Length == 0 ? text.Length + 1 : text.AsSpan().Count(old);
            rendering.Make((most < 0 ? found : Math.Min(found, most)) * (replacement.Length - old.Length));
        }

        return rendering.Made(PythonText.Replace(text, old, replacement, most));
    }

    private static object? Accounted(Rendering rendering, object? result)
    {
        rendering.Make(result switch { string text => text.Length, ListValue list => list.Items.Sum(item => 8L + ((item as string)?.Length ?? 0)), _ => 1 });
        return result;
    }

    private static bool IsLowerCased(Rune rune) => !Rune.IsUpper(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.TitlecaseLetter && !(rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF));

    private static bool IsUpperCased(Rune rune) => Rune.IsUpper(rune) || rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF);

    private static bool IsNumeric(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber || Rune.GetNumericValue(rune) >= 0;

    private static bool AllOf(string text, Func<Rune, bool> holds) => text.Length > 0 && text.EnumerateRunes().All(holds);

    private static ListValue Texts(IEnumerable<string> texts) => new([.. texts]);

    /// <summary>The part of a text that optional bounds in code points name, and where it starts in UTF-16.</summary>
    private static (string Part, int Start, bool IsInside) Between(string text, Bound bound, int first)
    {
        if (bound[first] is null && bound[first + 1] is null)
        {
            return (text, 0, true);
        }

        var length = PythonText.Length(text);
        var start = Clamped(bound[first] is null ? 0 : bound.Integer(first));
        var stop = Clamped(bound[first + 1] is null ? length : bound.Integer(first + 1));
        if (start > stop || (bound[first] is not null && bound.Integer(first) > length))
        {
            return ("", 0, false);
        }

        var (from, to) = (PythonText.IndexOf(text, start), PythonText.IndexOf(text, stop));
        return (text[from..to], from, true);

        int Clamped(long value) => (int)Math.Clamp(value < 0 ? value + length : value, 0, length);
    }

    private static long Find(string text, CallArguments arguments, bool fromEnd)
    {
        var bound = arguments.Bind("find", 1, "/sub", "/start", "/end");
        var sought = bound.Text(0);
        var (part, start, isInside) = Between(text, bound, 1);
        var at = !isInside ? -1 : fromEnd ? (sought.Length == 0 ? part.Length : part.LastIndexOf(sought, StringComparison.Ordinal)) : part.IndexOf(sought, StringComparison.Ordinal);
        return at < 0 ? -1L : PythonText.NumberOf(text, start + at);
    }

    private static long Count(string text, CallArguments arguments)
    {
        var bound = arguments.Bind("count", 1, "/sub", "/start", "/end");
        var sought = bound.Text(0);
        var (part, _, isInside) = Between(text, bound, 1);
        return !isInside ? 0L : sought.Length == 0 ? PythonText.Length(part) + 1L : part.AsSpan().Count(sought);
    }

    private static object Affix(string text, CallArguments arguments, string name, Func<string, string, bool> has)
    {
        var bound = arguments.Bind(name, 1, "/affix", "/start", "/end");
        var (part, _, isInside) = Between(text, bound, 1);
        return bound[0] is TupleValue several
            ? isInside && several.Items.Any(affix => has(part, Values.IsText(affix, out var one) ? one : throw JinjaError.Runtime($"tuple for {name} must only contain str, not {Values.TypeName(affix)}")))
            : Values.IsText(bound[0], out _) ? isInside && has(part, bound.Text(0))
            : throw (bound[0] as Undefined)?.Error() ?? JinjaError.Runtime($"{name} first arg must be str or a tuple of str, not {Values.TypeName(bound[0])}");
    }

    private static string Strip(string text, CallArguments arguments, string name, bool atStart, bool atEnd)
    {
        if (arguments.Bind(name, 0, "/chars").OptionalText(0) is not { } characters)
        {
            text = atStart ? PythonText.TrimStart(text) : text;
            return atEnd ? PythonText.TrimEnd(text) : text;
        }

        var removed = characters.EnumerateRunes().ToHashSet();
        var (start, end) = (0, text.Length);
        while (atStart && start < end && Rune.TryGetRuneAt(text, start, out var rune) && removed.Contains(rune))
        {
            start += rune.Utf16SequenceLength;
        }

        while (atEnd && end > start && Rune.DecodeLastFromUtf16(text.AsSpan(start, end - start), out var rune, out var size) == System.Buffers.OperationStatus.Done && removed.Contains(rune))
        {
            end -= size;
        }

        return text[start..end];
    }

    private static ListValue Split(Rendering rendering, string text, CallArguments arguments, bool fromEnd)
    {
        var bound = arguments.Bind("split", 0, "sep", "maxsplit");
        var most = bound.Integer(1, -1);
        if (bound.OptionalText(0) is not { } separator)
        {
            return Texts(SplitAtSpace(text, most, fromEnd));
        }

        if (separator.Length == 0)
        {
            throw JinjaError.Runtime("empty separator");
        }

        var pieces = new List<string>();
        var (from, to) = (0, text.Length);
        for (; most != 0; most--)
        {
            rendering.Step();
            var at = fromEnd ? text.AsSpan(0, to).LastIndexOf(separator) : text.IndexOf(separator, from, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            pieces.Add(fromEnd ? text[(at + separator.Length)..to] : text[from..at]);
            (from, to) = fromEnd ? (0, at) : (at + separator.Length, to);
        }

        pieces.Add(text[from..to]);
        if (fromEnd)
        {
            pieces.Reverse();
        }

        return Texts(pieces);
    }

    private static IEnumerable<string> SplitAtSpace(string text, long most, bool fromEnd)
    {
        if (most < 0)
        {
            return Words(text);
        }

        var words = Words(text).ToList();
        if (words.Count <= most)
        {
            return words;
        }

        // The rest behind the last cut keeps its inner white space, and at its far end too.
        var kept = (int)most;
        var at = fromEnd ? text.Length : 0;
        for (var i = 0; i < kept; i++)
        {
            at = fromEnd ? text.AsSpan(0, at).LastIndexOf(words[^(i + 1)]) : text.IndexOf(words[i], at, StringComparison.Ordinal) + words[i].Length;
        }

        return fromEnd
            ? [PythonText.TrimEnd(text[..at]), .. words[^kept..]]
            : [.. words[..kept], PythonText.TrimStart(text[at..])];
    }

    private static TupleValue Partition(string text, CallArguments arguments, bool fromEnd)
    {
        var separator = arguments.Bind("partition", 1, "/sep").Text(0);
        if (separator.Length == 0)
        {
            throw JinjaError.Runtime("empty separator");
        }

        var at = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return at >= 0 ? new TupleValue(text[..at], separator, text[(at + separator.Length)..])
            : fromEnd ? new TupleValue("", "", text) : new TupleValue(text, "", "");
    }

    private static string Join(Rendering rendering, string separator, CallArguments arguments)
    {
        var text = new StringBuilder();
        var number = 0;
        var items = arguments.Bind("join", 1, "/iterable")[0];
        foreach (var item in Values.Items(items) ?? throw JinjaError.Runtime("can only join an iterable"))
        {
            rendering.Step();
            text.Append(number++ == 0 ? "" : rendering.Made(separator)).Append(Values.IsText(item, out var piece)
                ? rendering.Made(piece)
                : throw JinjaError.Runtime($"sequence item {number - 1}: expected str instance, {Values.TypeName(item)} found"));
        }

        return text.ToString();
    }

    private static string Justified(Rendering rendering, string text, CallArguments arguments, string name)
    {
        var bound = arguments.Bind(name, 1, "/width", "/fillchar");
        var fill = bound.Text(1, " ");
        if (PythonText.Length(fill) != 1)
        {
            throw JinjaError.Runtime("The fill character must be exactly one character long");
        }

        return FormatSpec.Padded(rendering, text, bound.Integer(0), fill, name switch { "ljust" => '<', "rjust" => '>', _ => 'c' });
    }

    private static string ZeroFilled(Rendering rendering, string text, CallArguments arguments)
    {
        var width = arguments.Bind("zfill", 1, "/width").Integer(0);
        var sign = text.Length > 0 && text[0] is '+' or '-' ? text[..1] : "";
        return sign + FormatSpec.Padded(rendering, text[sign.Length..], width - sign.Length, "0", '>');
    }

    private static string ExpandTabs(Rendering rendering, string text, CallArguments arguments)
    {
        var size = arguments.Bind("expandtabs", 0, "tabsize").Integer(0, 8);
        var expanded = new StringBuilder();
        var column = 0L;
        foreach (var c in text)
        {
            if (c == '\t')
            {
                var spaces = size > 0 ? size - (column % size) : 0;
                rendering.Make(spaces);
                expanded.Append(' ', (int)spaces);
                column += spaces;
            }
            else
            {
                expanded.Append(c);
                column = c is '\n' or '\r' ? 0 : column + (char.IsLowSurrogate(c) ? 0 : 1);
            }
        }

        return expanded.ToString();
    }
}
