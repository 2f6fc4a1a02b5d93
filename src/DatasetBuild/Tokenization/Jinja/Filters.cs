namespace DatasetBuild.Tokenization.Jinja;

/// <summary>All filters of Jinja 3.1, with automatic escaping off, by their names.</summary>
internal static partial class Filters
{
    private delegate object? Filter(Rendering rendering, CallArguments arguments);

    private static readonly Dictionary<string, Filter> All = new(StringComparer.Ordinal)
    {
        ["abs"] = (_, a) => Abs(a.Bind("abs", 1, "/x")[0]),
        ["attr"] = Attr,
        ["batch"] = Batch,
        ["capitalize"] = (r, a) => OnText(r, a, "capitalize", Casing.Capitalize),
        ["center"] = (r, a) => Methods.Call(r, Soft(r, a.Positional[0]), "center", CallArguments.Of(a.Bind("center", 1, "value", "width").Integer(1, 80))),
        ["count"] = (_, a) => Length(a),
        ["d"] = (_, a) => Default(a),
        ["default"] = (_, a) => Default(a),
        ["dictsort"] = DictSort,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["filesizeformat"] = FileSize,
        ["first"] = (_, a) => First(a.Bind("first", 1, "seq")[0]),
        ["float"] = ToFloat,
        ["forceescape"] = (r, a) => new Markup(r.Made(PythonText.EscapeHtml(Spelling.Str(r, a.Bind("forceescape", 1, "value")[0])))),
        ["format"] = Format,
        ["groupby"] = GroupBy,
        ["indent"] = Indent,
        ["int"] = ToInteger,
        ["items"] = (_, a) => ItemsOf(a.Bind("items", 1, "value")[0]),
        ["join"] = Join,
        ["last"] = (_, a) => Last(a.Bind("last", 1, "seq")[0]),
        ["length"] = (_, a) => Length(a),
        ["list"] = (r, a) => new ListValue(Listed(r, a.Bind("list", 1, "value")[0])),
        ["lower"] = (r, a) => OnText(r, a, "lower", Casing.Lower),
        ["map"] = Map,
        ["max"] = (r, a) => Extreme(r, a, "max", sign: 1),
        ["min"] = (r, a) => Extreme(r, a, "min", sign: -1),
        ["pprint"] = (_, _) => throw JinjaError.Unsupported("the filter 'pprint', whose line breaks no version of Python promises: use tojson"),
        ["random"] = (_, _) => throw JinjaError.Unsupported("the filter 'random': a build has the same text every time"),
        ["reject"] = (r, a) => Select(r, a, "reject", ofAttribute: false, keeps: false),
        ["rejectattr"] = (r, a) => Select(r, a, "rejectattr", ofAttribute: true, keeps: false),
        ["replace"] = Replace,
        ["reverse"] = Reverse,
        ["round"] = Round,
        ["safe"] = (r, a) => new Markup(Spelling.Str(r, a.Bind("safe", 1, "value")[0])),
        ["select"] = (r, a) => Select(r, a, "select", ofAttribute: false, keeps: true),
        ["selectattr"] = (r, a) => Select(r, a, "selectattr", ofAttribute: true, keeps: true),
        ["slice"] = Slice,
        ["sort"] = Sort,
        ["string"] = (r, a) => Soft(r, a.Bind("string", 1, "s")[0]),
        ["striptags"] = StripTags,
        ["sum"] = Sum,
        ["title"] = (r, a) => OnText(r, a, "title", TitleWords),
        ["tojson"] = JsonWriter.Write,
        ["trim"] = (r, a) => Methods.Call(r, Soft(r, a.Positional[0]), "strip", CallArguments.Of(a.Bind("trim", 1, "value", "chars")[1])),
        ["truncate"] = Truncate,
        ["unique"] = Unique,
        ["upper"] = (r, a) => OnText(r, a, "upper", Casing.Upper),
        ["urlencode"] = UrlEncode,
        ["urlize"] = (_, _) => throw JinjaError.Unsupported("the filter 'urlize', which makes web pages"),
        ["wordcount"] = (r, a) => (long)Words().Count(Spelling.Str(r, a.Bind("wordcount", 1, "s")[0])),
        ["wordwrap"] = (_, _) => throw JinjaError.Unsupported("the filter 'wordwrap', which breaks lines for terminals"),
        ["xmlattr"] = XmlAttributes,
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    /// <param name="rendering">The rendering.</param>
    /// <param name="name">The filter's name.</param>
    /// <param name="arguments">The filtered value, then the arguments.</param>
    public static object? Apply(Rendering rendering, string name, CallArguments arguments) =>
        All.TryGetValue(name, out var filter) ? filter(rendering, arguments) : throw JinjaError.Runtime($"No filter named '{name}'.");

    /// <summary>A value as text; a marked text stays marked.</summary>
    private static object Soft(Rendering rendering, object? value) => value as Markup ?? (object)Spelling.Str(rendering, value);

    private static object OnText(Rendering rendering, CallArguments arguments, string name, Func<string, string> change)
    {
        var value = arguments.Bind(name, 1, "s")[0];
        var text = rendering.Made(change(Spelling.Str(rendering, value)));
        return value is Markup ? new Markup(text) : text;
    }

    private static IEnumerable<object?> Items(object? value) => Values.Items(value) ?? throw JinjaError.Runtime($"'{Values.TypeName(value)}' object is not iterable");

    private static List<object?> Listed(Rendering rendering, object? value)
    {
        var list = new List<object?>();
        foreach (var item in Items(value))
        {
            rendering.Step();
            list.Add(item);
        }

        rendering.MakeItems(list.Count);
        return list;
    }

    private static long Length(CallArguments arguments)
    {
        var value = arguments.Bind("len", 1, "/obj")[0];
        return Values.Length(value) is var length and >= 0 ? length : throw JinjaError.Runtime($"object of type '{Values.TypeName(value)}' has no len()");
    }

    private static object? Default(CallArguments arguments)
    {
        var bound = arguments.Bind("default", 1, "value", "default_value", "boolean");
        return bound[0] is Undefined || (bound.IsTrue(2) && !bound.IsTrue(0)) ? (bound.Has(1) ? bound[1] : "") : bound[0];
    }

    private static object? First(object? value)
    {
        foreach (var item in Items(value))
        {
            return item;
        }

        return new Undefined("No first item, sequence was empty.");
    }

    private static object? Last(object? value)
    {
        if (value is IteratorValue or Undefined or NamespaceValue or LoopValue)
        {
            throw (value as Undefined)?.Error() ?? JinjaError.Runtime($"'{Values.TypeName(value)}' object is not reversible");
        }

        var last = Items(value).Cast<object?>().Select(item => (object?[])[item]).LastOrDefault();
        return last is null ? new Undefined("No last item, sequence was empty.") : last[0];
    }

    private static IteratorValue ItemsOf(object? value) => value switch
    {
        Undefined => new IteratorValue("generator", []),
        DictValue dict => new IteratorValue("generator", dict.Pairs.Select(pair => new TupleValue(pair.Key, pair.Value))),
        _ => throw JinjaError.Runtime("Can only get item pairs from a mapping."),
    };

    private static object? Attr(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("attr", 2, "obj", "name");
        return Lookup.OwnAttribute(bound[0], bound.Text(1)) is (true, var value) ? value : new Undefined($"no attribute '{bound.Text(1)}'");
    }

    private static object Reverse(Rendering rendering, CallArguments arguments)
    {
        var value = arguments.Bind("reverse", 1, "value")[0];
        if (Values.IsText(value, out _))
        {
            return Lookup.Slice(rendering, value, null, null, -1L)!;
        }

        var items = Listed(rendering, value is null or bool or long or double ? throw JinjaError.Runtime("argument must be iterable") : value);
        items.Reverse();
        return value is IteratorValue or NamespaceValue or Undefined ? new ListValue(items) : new IteratorValue("list_reverseiterator", items);
    }

    private static string Join(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("join", 1, "value", "d", "attribute");
        var separator = bound.Has(1) ? Spelling.Str(rendering, bound[1]) : "";
        var path = bound[2] is null ? null : AttributePath.Of(bound[2]);
        var text = new System.Text.StringBuilder();
        var isFirst = true;
        foreach (var item in Items(bound[0]))
        {
            rendering.Step();
            text.Append(isFirst ? "" : rendering.Made(separator));
            isFirst = false;
            text.Append(rendering.Made(Spelling.Str(rendering, path is null ? item : path.Get(item))));
        }

        return text.ToString();
    }

    private static string Replace(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("replace", 3, "s", "old", "new", "count");
        return TextMethods.Replace(rendering, Spelling.Str(rendering, bound[0]), Spelling.Str(rendering, bound[1]), Spelling.Str(rendering, bound[2]), bound[3] is null ? -1 : bound.Integer(3));
    }

    private static object Escape(Rendering rendering, CallArguments arguments)
    {
        var value = arguments.Bind("escape", 1, "s")[0];
        return value as Markup ?? new Markup(rendering.Made(PythonText.EscapeHtml(Spelling.Str(rendering, value))));
    }

    private static object Format(Rendering rendering, CallArguments arguments)
    {
        if (arguments.Positional.Count > 1 && arguments.Named.Count > 0)
        {
            throw JinjaError.Runtime("can't handle positional and keyword arguments at the same time");
        }

        object values = arguments.Named.Count > 0 ? DictValue.Of([.. arguments.Named.Select(pair => (pair.Key, pair.Value))]) : new TupleValue([.. arguments.Positional.Skip(1)]);
        return Operators.Apply(rendering, "%", Soft(rendering, arguments.Positional[0]), values)!;
    }
}
