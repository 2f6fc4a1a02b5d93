namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The functions that every template has.</summary>
internal static class Globals
{
    /// <summary>As in the reference's sandbox.</summary>
    private const int MaxRange = 100_000;

    private static readonly Dictionary<string, CallableValue> Functions = new List<CallableValue>
    {
        new("range", (_, arguments) => Range(arguments)) { Spelling = "<function safe_range>" },
        new("dict", (rendering, arguments) => Dict(rendering, arguments)) { Spelling = "<class 'dict'>" },
        new("namespace", (_, arguments) => Namespace(arguments)) { Spelling = "<class 'jinja2.utils.Namespace'>" },
        new("cycler", (_, arguments) => Cycler(arguments)) { Spelling = "<class 'jinja2.utils.Cycler'>" },
        new("joiner", (_, arguments) => Joiner(arguments)) { Spelling = "<class 'jinja2.utils.Joiner'>" },
        new("lipsum", (_, _) => throw JinjaError.Unsupported("the function 'lipsum', which is random")),
        new("raise_exception", (_, arguments) => Raise(arguments)),
        new("strftime_now", Now),
    }.ToDictionary(function => function.Name, StringComparer.Ordinal);

    public static CallableValue? Find(string name) => Functions.GetValueOrDefault(name);

    private static RangeValue Range(CallArguments arguments)
    {
        var bound = arguments.Bind("range", 1, "/start", "/stop", "/step");
        var (start, stop, step) = bound.Has(1) ? (bound.Integer(0), bound.Integer(1), bound.Integer(2, 1)) : (0, bound.Integer(0), 1);
        if (step == 0)
        {
            throw JinjaError.Runtime("range() arg 3 must not be zero");
        }

        // With 128 bits no difference overflows.
        var count = step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -step;
        return count <= MaxRange ? new RangeValue(start, stop, step) : throw JinjaError.Runtime($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");
    }

    private static DictValue Dict(Rendering rendering, CallArguments arguments)
    {
        var dict = new DictValue();
        foreach (var pair in arguments.Positional.Count > 0 ? PairsOf(arguments.Positional[0]) : [])
        {
            rendering.Make(1);
            dict.Set(pair.Key, pair.Value);
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return arguments.Positional.Count <= 1 ? dict : throw JinjaError.Runtime("dict expected at most 1 argument");
    }

    private static IEnumerable<KeyValuePair<object?, object?>> PairsOf(object? value)
    {
        if (value is DictValue dict)
        {
            return dict.Pairs;
        }

        return (Values.Items(value) ?? throw JinjaError.TypeOf(value, "object is not iterable")).Select(item =>
            Values.Items(item)?.ToList() is [var key, var content] ? new KeyValuePair<object?, object?>(key, content) : throw JinjaError.Runtime("cannot convert dictionary update sequence element to a sequence"));
    }

    private static NamespaceValue Namespace(CallArguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var pair in arguments.Positional.Count > 0 ? PairsOf(arguments.Positional[0]) : [])
        {
            space.Attributes[Values.IsText(pair.Key, out var name) ? name : throw JinjaError.Runtime("keywords must be strings")] = pair.Value;
        }

        foreach (var (name, value) in arguments.Named)
        {
            space.Attributes[name] = value;
        }

        return arguments.Positional.Count <= 1 ? space : throw JinjaError.Runtime("namespace expected at most 1 argument");
    }

    private static CallableValue Cycler(CallArguments arguments)
    {
        var items = arguments.Positional;
        if (items.Count == 0)
        {
            throw JinjaError.Runtime("at least one item has to be provided");
        }

        var position = 0;
        var next = new CallableValue("next", (_, _) => items[position++ % items.Count]);
        var reset = new CallableValue("reset", (_, _) =>
        {
            position = 0;
            return null;
        });
        return new CallableValue("cycler", (_, _) => throw JinjaError.Runtime("'Cycler' object is not callable"))
        {
            Attributes = name => name switch
            {
                "next" => (true, next),
                "reset" => (true, reset),
                "current" => (true, items[position % items.Count]),
                "pos" => (true, (long)(position % items.Count)),
                "items" => (true, new TupleValue([.. items])),
                _ => (false, null),
            },
        };
    }

    private static CallableValue Joiner(CallArguments arguments)
    {
        var separator = arguments.Bind("joiner", 0, "sep") is var bound && bound.Has(0) ? bound[0] : ", ";
        var isUsed = false;
        return new CallableValue("joiner", (_, _) =>
        {
            var text = isUsed ? separator : "";
            isUsed = true;
            return text;
        })
        {
            Attributes = name => name switch { "sep" => (true, separator), "used" => (true, isUsed), _ => (false, null) },
        };
    }

    private static object? Raise(CallArguments arguments)
    {
        var message = arguments.Bind("raise_exception", 1, "message")[0];
        throw new JinjaError(JinjaFailure.Raised, message is null ? "None" : Values.IsText(message, out var text) ? text : Convert.ToString(message, System.Globalization.CultureInfo.InvariantCulture) ?? "");
    }

    private static string Now(Rendering rendering, CallArguments arguments) =>
        rendering.Date is { } date
            ? rendering.Made(TimeFormat.Apply(arguments.Bind("strftime_now", 1, "format").Text(0), date))
            : throw JinjaError.Runtime("the template asks for today's date with strftime_now, and no date is declared: set DatasetDate, such as 2026-01-31, so that every build has the same text");
}
