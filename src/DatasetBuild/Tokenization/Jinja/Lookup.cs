using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>How a template looks into values. Only what is listed in this folder can be reached: no attribute leads to .NET.</summary>
internal static class Lookup
{
    /// <summary><c>value.name</c>: the attribute before the key.</summary>
    public static object? Attribute(object? target, string name)
    {
        if (target is Undefined undefined)
        {
            throw undefined.Error();
        }

        return OwnAttribute(target, name) is (true, var value) ? value
            : target is DictValue dict && dict.TryGet(name, out var item) ? item
            : new Undefined($"'{Described(target)}' has no attribute '{name}'");
    }

    /// <summary><c>value[key]</c>: the key before the attribute.</summary>
    public static object? Item(object? target, object? key)
    {
        switch (target)
        {
            case Undefined undefined:
                throw undefined.Error();
            case DictValue dict when key is not (ListValue or DictValue):
                if (dict.TryGet(key, out var value))
                {
                    return value;
                }

                break;
            case ListValue or TupleValue or RangeValue or string or Markup when Values.IsInteger(key, out var index):
                if (At(target, index, out var item))
                {
                    return item;
                }

                break;
        }

        return Values.IsText(key, out var name) && OwnAttribute(target, name) is (true, var own) ? own
            : new Undefined(Values.IsText(key, out name) ? $"'{Described(target)}' has no attribute '{name}'" : $"{Described(target)} has no such element");
    }

    /// <summary>An attribute that the value itself has. One that would change it is there but cannot be used.</summary>
    public static (bool Found, object? Value) OwnAttribute(object? target, string name) => target switch
    {
        _ when name.StartsWith('_') => (false, null),
        NamespaceValue space => (space.Attributes.TryGetValue(name, out var value), value),
        LoopValue loop => loop.Attribute(name),
        CallableValue { Attributes: { } attributes } => attributes(name),
        TupleValue { Names: { } names } tuple when Array.IndexOf(names, name) is var at and >= 0 => (true, tuple.Items[at]),
        _ => Methods.Find(target, name) is { } method ? (true, method) : NumberAttribute(target, name),
    };

    public static object? Slice(Rendering rendering, object? target, object? start, object? stop, object? step)
    {
        if (target is Undefined undefined)
        {
            throw undefined.Error();
        }

        var length = target is string or Markup or ListValue or TupleValue or RangeValue ? Values.Length(target) : -1;
        if (length < 0 || !Index(start, out var from) || !Index(stop, out var to) || !Index(step, out var by))
        {
            throw JinjaError.Runtime(length < 0 ? $"'{Values.TypeName(target)}' object cannot be sliced" : "slice indices must be integers or None");
        }

        var stride = by ?? 1;
        if (stride == 0)
        {
            throw JinjaError.Runtime("slice step cannot be zero");
        }

        var first = Clamped(from, stride > 0 ? 0 : length - 1);
        var last = Clamped(to, stride > 0 ? length : -1);
        var count = Math.Max(0, stride > 0 ? (last - first + stride - 1) / stride : (first - last - stride - 1) / -stride);
        rendering.MakeItems(target is string or Markup ? (count / 8) + 1 : count);
        return target switch
        {
            string text => TextSlice(text, (int)first, (int)count, stride),
            Markup markup => new Markup(TextSlice(markup.Text, (int)first, (int)count, stride)),
            ListValue list => new ListValue([.. Places().Select(i => list.Items[i])]),
            TupleValue tuple => new TupleValue([.. Places().Select(i => tuple.Items[i])]),
            _ => RangeSlice((RangeValue)target!),
        };

        long Clamped(long? bound, long fallback) =>
            bound is not { } value ? fallback
            : value < 0 ? Math.Max(value + length, stride > 0 ? 0 : -1)
            : Math.Min(value, stride > 0 ? length : length - 1);

        IEnumerable<int> Places() => Enumerable.Range(0, (int)count).Select(i => (int)(first + (i * stride)));

        object RangeSlice(RangeValue range) => new RangeValue(range.Start + (first * range.Step), range.Start + (last * range.Step), stride * range.Step);
    }

    private static string TextSlice(string text, int first, int count, long stride)
    {
        if (stride == 1)
        {
            var start = PythonText.IndexOf(text, first);
            return text[start..(start + PythonText.IndexOf(text[start..], count))];
        }

        var characters = PythonText.Characters(text).ToArray();
        var slice = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            slice.Append((string)characters[(int)(first + (i * stride))]!);
        }

        return slice.ToString();
    }

    private static bool Index(object? bound, out long? value)
    {
        value = bound is null ? null : Values.IsInteger(bound, out var integer) ? (long)BigInteger.Clamp(integer, -(1L << 40), 1L << 40) : null;
        return bound is null || value is not null;
    }

    private static bool At(object target, BigInteger index, out object? item)
    {
        var length = Values.Length(target);
        var place = index.Sign < 0 ? index + length : index;
        item = null;
        if (place.Sign < 0 || place >= length)
        {
            return false;
        }

        var at = (int)place;
        item = target switch
        {
            ListValue list => list.Items[at],
            TupleValue tuple => tuple.Items[at],
            RangeValue range => range[at],
            Markup markup => new Markup(Character(markup.Text)),
            _ => Character((string)target),
        };
        return true;

        string Character(string text)
        {
            var start = PythonText.IndexOf(text, at);
            return text.Substring(start, PythonText.SizeAt(text, start));
        }
    }

    private static (bool Found, object? Value) NumberAttribute(object? target, string name) => (target, name) switch
    {
        (long or BigInteger or bool, "real" or "numerator") => (true, target is bool b ? (b ? 1L : 0L) : target),
        (long or BigInteger or bool, "imag") => (true, 0L),
        (long or BigInteger or bool, "denominator") => (true, 1L),
        (double, "real") => (true, target),
        (double, "imag") => (true, 0.0),
        (RangeValue range, "start") => (true, range.Start),
        (RangeValue range, "stop") => (true, range.Stop),
        (RangeValue range, "step") => (true, range.Step),
        _ => (false, null),
    };

    private static string Described(object? target) => target is null ? "None" : $"{Values.TypeName(target)} object";
}
