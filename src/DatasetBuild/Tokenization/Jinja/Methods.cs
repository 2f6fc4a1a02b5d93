using System.Numerics;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The methods that values have. Those that would change a list or a dictionary exist and cannot be called, as in the reference's sandbox.</summary>
internal static class Methods
{
    private delegate object? Method<T>(Rendering rendering, T target, CallArguments arguments);

    private static readonly Dictionary<string, Method<DictValue>> OfDict = new(StringComparer.Ordinal)
    {
        ["get"] = (_, dict, a) => a.Bind("get", 1, "/key", "/default") is var bound && dict.TryGet(bound[0], out var value) ? value : bound[1],
        ["items"] = (_, dict, a) => View(dict, "items", a),
        ["keys"] = (_, dict, a) => View(dict, "keys", a),
        ["values"] = (_, dict, a) => View(dict, "values", a),
        ["copy"] = (rendering, dict, _) =>
        {
            rendering.MakeItems(dict.Count);
            var copy = new DictValue();
            foreach (var (key, value) in dict.Pairs)
            {
                copy.Set(key, value);
            }

            return copy;
        },
    };

    private static readonly Dictionary<string, Method<IReadOnlyList<object?>>> OfSequence = new(StringComparer.Ordinal)
    {
        ["count"] = (rendering, items, a) => a.Bind("count", 1, "/value") is var bound ? (long)items.Count(item => Operators.AreEqual(rendering, item, bound[0])) : null,
        ["index"] = (rendering, items, a) => IndexOf(rendering, items, a.Bind("index", 1, "/value", "/start", "/stop")),
    };

    private static readonly HashSet<string> Changing = new(StringComparer.Ordinal)
    {
        "list.append", "list.clear", "list.pop", "list.reverse", "list.insert", "list.sort", "list.extend", "list.remove",
        "dict.clear", "dict.pop", "dict.popitem", "dict.setdefault", "dict.update",
    };

    /// <summary>A method bound to its object, or null where there is none.</summary>
    public static object? Find(object? target, string name)
    {
        switch (target)
        {
            case string or Markup when TextMethods.Exists(name):
                return new CallableValue(name, (rendering, arguments) => TextMethods.Call(rendering, target, name, arguments));
            case DictValue dict when OfDict.TryGetValue(name, out var method):
                return new CallableValue(name, (rendering, arguments) => method(rendering, dict, arguments));
            case ListValue list when OfSequence.TryGetValue(name, out var method):
                return new CallableValue(name, (rendering, arguments) => method(rendering, list.Items, arguments));
            case TupleValue tuple when OfSequence.TryGetValue(name, out var method):
                return new CallableValue(name, (rendering, arguments) => method(rendering, tuple.Items, arguments));
            case ListValue list when name == "copy":
                return new CallableValue(name, (rendering, _) => new ListValue([.. list.Items]));
            case long or BigInteger or bool when name == "bit_length":
                return new CallableValue(name, (_, _) => Values.IsInteger(target, out var integer) ? (long)BigInteger.Abs(integer).GetBitLength() : null);
            case double number when name == "is_integer":
                return new CallableValue(name, (_, _) => double.IsInteger(number));
            case ListValue or DictValue when Changing.Contains($"{Values.TypeName(target)}.{name}"):
                return new Undefined($"access to attribute '{name}' of '{Values.TypeName(target)}' object is unsafe.");
            default:
                return null;
        }
    }

    public static object? Call(Rendering rendering, object target, string name, CallArguments arguments) => ((CallableValue)Find(target, name)!).Call(rendering, arguments);

    private static ViewValue View(DictValue dict, string kind, CallArguments arguments)
    {
        arguments.Bind(kind, 0);
        return new ViewValue(dict, kind);
    }

    private static long IndexOf(Rendering rendering, IReadOnlyList<object?> items, Bound bound)
    {
        var (start, stop) = (bound.Integer(1, 0), bound.Integer(2, items.Count));
        for (var i = (int)Math.Clamp(start < 0 ? start + items.Count : start, 0, items.Count); i < Math.Min(items.Count, stop < 0 ? stop + items.Count : stop); i++)
        {
            rendering.Step();
            if (Operators.AreEqual(rendering, items[i], bound[0]))
            {
                return i;
            }
        }

        throw JinjaError.Runtime("the value is not in the list");
    }
}
