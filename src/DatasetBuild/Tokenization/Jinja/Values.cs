using System.Numerics;

namespace DatasetBuild.Tokenization.Jinja;

/*
 * The values of a template are Python's: null is None; bool; long, or BigInteger where a long does not suffice; double; string; Markup; and the types below.
 * No value can be changed once a template has it, as in the reference's immutable sandbox; only a namespace is assigned to.
 */

/// <summary>A text marked as safe: what is added to it is HTML-escaped.</summary>
internal sealed class Markup(string text)
{
    public string Text { get; } = text;
}

/// <summary>What a name or a lookup that leads nowhere gives. It can be printed, iterated and tested; all else fails with its message.</summary>
internal sealed class Undefined(string message)
{
    public string Message { get; } = message;

    public JinjaError Error() => JinjaError.Runtime(Message);
}

internal sealed class ListValue(List<object?> items)
{
    public List<object?> Items { get; } = items;
}

internal sealed class TupleValue(params object?[] items)
{
    public object?[] Items { get; } = items;

    /// <summary>Names by which the items can be asked for too, or null.</summary>
    public string[]? Names { get; init; }
}

/// <summary>Integers in equal steps, never written out.</summary>
internal sealed class RangeValue(long start, long stop, long step)
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public int Count { get; } = (int)Math.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);

    public object? this[int index] => Start + (index * Step);
}

/// <summary>A sequence that is made as it is read, and can be read once.</summary>
internal sealed class IteratorValue(string type, IEnumerable<object?> items)
{
    private readonly IEnumerator<object?> items = items.GetEnumerator();

    /// <summary>What Python calls it.</summary>
    public string Type { get; } = type;

    public bool TryNext(out object? item)
    {
        var more = items.MoveNext();
        item = more ? items.Current : null;
        return more;
    }

    public IEnumerable<object?> Rest()
    {
        while (TryNext(out var item))
        {
            yield return item;
        }
    }
}

/// <summary>The keys, values or items of a dictionary.</summary>
internal sealed class ViewValue(DictValue dict, string kind)
{
    public DictValue Dict { get; } = dict;

    /// <summary>keys, values or items.</summary>
    public string Kind { get; } = kind;

    public IEnumerable<object?> Items() =>
        Dict.Pairs.Select(pair => Kind switch { "keys" => pair.Key, "values" => pair.Value, _ => new TupleValue(pair.Key, pair.Value) });
}

/// <summary>What <c>namespace()</c> makes: the only thing whose attributes a template can set.</summary>
internal sealed class NamespaceValue
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Something that can be called: a function, a method bound to its object, a macro.</summary>
internal sealed class CallableValue(string name, Func<Rendering, CallArguments, object?> call)
{
    public string Name { get; } = name;

    public object? Call(Rendering rendering, CallArguments arguments) => call(rendering, arguments);

    /// <summary>How it is printed, where that is the same on every machine.</summary>
    public string? Spelling { get; init; }

    /// <summary>Attributes that can be asked for, or null.</summary>
    public Func<string, (bool Found, object? Value)>? Attributes { get; init; }
}

internal static class Values
{
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "Markup",
        Undefined => "Undefined",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        RangeValue => "range",
        IteratorValue iterator => iterator.Type,
        ViewValue view => $"dict_{view.Kind}",
        NamespaceValue => "Namespace",
        LoopValue => "LoopContext",
        _ => "function",
    };

    /// <summary>An integer in its only form: a long wherever one suffices.</summary>
    public static object Normal(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    public static bool IsInteger(object? value, out BigInteger integer)
    {
        (var isInteger, integer) = value switch
        {
            long l => (true, l),
            BigInteger big => (true, big),
            bool b => (true, b ? BigInteger.One : BigInteger.Zero),
            _ => (false, BigInteger.Zero),
        };
        return isInteger;
    }

    public static bool IsText(object? value, out string text)
    {
        text = value as string ?? (value as Markup)?.Text ?? "";
        return value is string or Markup;
    }

    /// <summary>Python's truth.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long l => l != 0,
        double d => d != 0,
        BigInteger => true,
        string s => s.Length > 0,
        Markup m => m.Text.Length > 0,
        ListValue list => list.Items.Count > 0,
        TupleValue tuple => tuple.Items.Length > 0,
        DictValue dict => dict.Count > 0,
        RangeValue range => range.Count > 0,
        ViewValue view => view.Dict.Count > 0,
        LoopValue loop => loop.Length > 0,
        _ => true,
    };

    /// <summary>Python's <c>len</c>, or -1 where there is none.</summary>
    public static int Length(object? value) => value switch
    {
        string s => PythonText.Length(s),
        Markup m => PythonText.Length(m.Text),
        ListValue list => list.Items.Count,
        TupleValue tuple => tuple.Items.Length,
        DictValue dict => dict.Count,
        RangeValue range => range.Count,
        ViewValue view => view.Dict.Count,
        LoopValue loop => loop.Length,
        Undefined => 0,
        _ => -1,
    };

    /// <summary>Python's <c>iter</c>: the items, or null for a value that has none.</summary>
    public static IEnumerable<object?>? Items(object? value) => value switch
    {
        string s => PythonText.Characters(s),
        Markup m => PythonText.Characters(m.Text),
        ListValue list => list.Items,
        TupleValue tuple => tuple.Items,
        DictValue dict => dict.Pairs.Select(pair => pair.Key),
        RangeValue range => Enumerable.Range(0, range.Count).Select(i => range[i]),
        IteratorValue iterator => iterator.Rest(),
        ViewValue view => view.Items(),
        LoopValue loop => loop.Rest(),
        Undefined => [],
        _ => null,
    };
}
