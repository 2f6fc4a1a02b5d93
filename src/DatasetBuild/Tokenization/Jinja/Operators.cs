namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's operators on values of any type.</summary>
internal static class Operators
{
    public static object? Apply(Rendering rendering, string name, object? left, object? right)
    {
        if (name == "%" && Values.IsText(left, out var format))
        {
            return left is Markup
                ? new Markup(PercentFormat.Apply(rendering, format, right, escape: true))
                : PercentFormat.Apply(rendering, format, right, escape: false);
        }

        if (left is Undefined or null || right is Undefined or null)
        {
            throw (left as Undefined ?? right as Undefined)?.Error() ?? Unsupported(name, left, right);
        }

        if (IsNumber(left) && IsNumber(right))
        {
            return name switch
            {
                "+" => Numbers.Add(left, right),
                "-" => Numbers.Subtract(left, right),
                "*" => Numbers.Multiply(left, right),
                "/" => Numbers.Divide(left, right),
                "//" => Numbers.FloorDivide(left, right),
                "%" => Numbers.Modulo(left, right),
                _ => Numbers.Power(left, right),
            };
        }

        return name switch
        {
            "+" => Join(rendering, left, right),
            "*" when Values.IsInteger(right, out var times) => Repeat(rendering, left, times),
            "*" when Values.IsInteger(left, out var times) => Repeat(rendering, right, times),
            _ => throw Unsupported(name, left, right),
        };
    }

    public static bool IsNumber(object? value) => value is long or double or bool or System.Numerics.BigInteger;

    public static bool AreEqual(Rendering rendering, object? left, object? right)
    {
        if (Values.IsText(left, out var a) && Values.IsText(right, out var b))
        {
            return a == b;
        }

        if (IsNumber(left) && IsNumber(right))
        {
            return Numbers.Compare(left!, right!) == 0;
        }

        rendering.Enter();
        var equal = (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (ListValue x, ListValue y) => AreEqual(rendering, x.Items, y.Items),
            (TupleValue x, TupleValue y) => AreEqual(rendering, x.Items, y.Items),
            (RangeValue x, RangeValue y) => x.Count == y.Count && (x.Count == 0 || (x.Start == y.Start && (x.Count == 1 || x.Step == y.Step))),
            (DictValue x, DictValue y) => x.Count == y.Count && x.Pairs.All(pair => y.TryGet(pair.Key, out var other) && AreEqual(rendering, pair.Value, other)),
            (ViewValue x, ViewValue y) => x.Kind == y.Kind && x.Kind != "values" && x.Dict.Count == y.Dict.Count && x.Items().All(item => Contains(rendering, y, item)),
            _ => ReferenceEquals(left, right),
        };
        rendering.Leave();
        return equal;
    }

    /// <summary>Python's order; a type error where the types have none. NaN gives null.</summary>
    public static int? Compare(Rendering rendering, string name, object? left, object? right)
    {
        if (Values.IsText(left, out var a) && Values.IsText(right, out var b))
        {
            return PythonText.Compare(a, b);
        }

        if (IsNumber(left) && IsNumber(right))
        {
            return Numbers.Compare(left!, right!);
        }

        var (x, y) = (left, right) switch
        {
            (ListValue l, ListValue r) => (l.Items, r.Items),
            (TupleValue l, TupleValue r) => (l.Items, r.Items),
            _ => ((IReadOnlyList<object?>?)null, (IReadOnlyList<object?>?)null),
        };
        if (x is null || y is null)
        {
            throw (left as Undefined ?? right as Undefined)?.Error()
                ?? JinjaError.Runtime($"'{name}' not supported between instances of '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
        }

        rendering.Enter();
        for (var i = 0; i < Math.Min(x.Count, y.Count); i++)
        {
            rendering.Step();
            if (!AreEqual(rendering, x[i], y[i]))
            {
                var order = Compare(rendering, name, x[i], y[i]);
                rendering.Leave();
                return order;
            }
        }

        rendering.Leave();
        return x.Count.CompareTo(y.Count);
    }

    public static bool Holds(Rendering rendering, string name, object? left, object? right) => name switch
    {
        "==" => AreEqual(rendering, left, right),
        "!=" => !AreEqual(rendering, left, right),
        "in" => Contains(rendering, right, left),
        "not in" => !Contains(rendering, right, left),
        "<" => Compare(rendering, name, left, right) < 0,
        "<=" => Compare(rendering, name, left, right) <= 0,
        ">" => Compare(rendering, name, left, right) > 0,
        _ => Compare(rendering, name, left, right) >= 0,
    };

    public static bool Contains(Rendering rendering, object? container, object? item)
    {
        if (Values.IsText(container, out var text))
        {
            return Values.IsText(item, out var part)
                ? text.Contains(part, StringComparison.Ordinal)
                : throw JinjaError.Runtime($"'in <string>' requires string as left operand, not {Values.TypeName(item)}");
        }

        switch (container)
        {
            case DictValue dict:
                return dict.TryGet(item, out _);
            case ViewValue { Kind: "keys" } view:
                return view.Dict.TryGet(item, out _);
        }

        foreach (var candidate in Values.Items(container) ?? throw JinjaError.Runtime($"argument of type '{Values.TypeName(container)}' is not iterable"))
        {
            rendering.Step();
            if (ReferenceEquals(candidate, item) || AreEqual(rendering, candidate, item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreEqual(Rendering rendering, IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            rendering.Step();
            if (!ReferenceEquals(left[i], right[i]) && !AreEqual(rendering, left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static object Join(Rendering rendering, object left, object right)
    {
        if (Values.IsText(left, out var a) && Values.IsText(right, out var b))
        {
            if (left is string && right is string)
            {
                rendering.Make(a.Length + b.Length);
                return a + b;
            }

            // A marked text escapes what is added to it, on either side.
            return new Markup(rendering.Made((left is Markup ? a : PythonText.EscapeHtml(a)) + (right is Markup ? b : PythonText.EscapeHtml(b))));
        }

        switch (left, right)
        {
            case (ListValue x, ListValue y):
                rendering.MakeItems((long)x.Items.Count + y.Items.Count);
                return new ListValue([.. x.Items, .. y.Items]);
            case (TupleValue x, TupleValue y):
                rendering.MakeItems((long)x.Items.Length + y.Items.Length);
                return new TupleValue([.. x.Items, .. y.Items]);
            default:
                throw Values.IsText(left, out _) ? JinjaError.Runtime($"can only concatenate str (not \"{Values.TypeName(right)}\") to str") : Unsupported("+", left, right);
        }
    }

    private static object Repeat(Rendering rendering, object value, System.Numerics.BigInteger times)
    {
        var size = value switch { string s => s.Length, Markup m => m.Text.Length, ListValue list => list.Items.Count, TupleValue tuple => tuple.Items.Length, _ => -1 };
        if (size < 0)
        {
            throw JinjaError.Runtime($"can't multiply sequence by non-int of type '{Values.TypeName(value)}'");
        }

        var count = (long)System.Numerics.BigInteger.Clamp(times, 0, int.MaxValue);
        rendering.Make(size * count * (value is string or Markup ? 1 : 8));
        return value switch
        {
            string s => PythonText.Repeat(s, count),
            Markup m => new Markup(PythonText.Repeat(m.Text, count)),
            ListValue list => new ListValue([.. Repeated(list.Items)]),
            _ => new TupleValue([.. Repeated(((TupleValue)value).Items)]),
        };

        IEnumerable<object?> Repeated(IReadOnlyList<object?> items) => size == 0 ? [] : Enumerable.Range(0, (int)count).SelectMany(_ => items);
    }

    private static JinjaError Unsupported(string name, object? left, object? right) =>
        JinjaError.Runtime($"unsupported operand type(s) for {name}: '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
}
