using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>An expression of a template. Immutable: many renderings may evaluate it at once.</summary>
internal abstract class JinjaExpression
{
    public required int Line { get; init; }

    /// <summary>How deep expressions stand within each other, this one included.</summary>
    public required int Nesting { get; init; }

    public abstract object? Evaluate(Rendering rendering, Scope scope);
}

internal sealed class Constant(object? value) : JinjaExpression
{
    public object? Value { get; } = value;

    public override object? Evaluate(Rendering rendering, Scope scope) => Value;
}

internal sealed class NameExpression(string name) : JinjaExpression
{
    public string Name { get; } = name;

    public override object? Evaluate(Rendering rendering, Scope scope) =>
        scope.TryGet(Name, out var value) ? value : Globals.Find(Name) ?? (object)new Undefined($"'{Name}' is undefined");
}

internal sealed class ListExpression(IReadOnlyList<JinjaExpression> items) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.MakeItems(items.Count);
        return new ListValue(items.Select(item => item.Evaluate(rendering, scope)).ToList());
    }
}

internal sealed class TupleExpression(IReadOnlyList<JinjaExpression> items) : JinjaExpression
{
    public IReadOnlyList<JinjaExpression> Items => items;

    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.MakeItems(items.Count);
        return new TupleValue(items.Select(item => item.Evaluate(rendering, scope)).ToArray());
    }
}

internal sealed class DictExpression(IReadOnlyList<(JinjaExpression Key, JinjaExpression Value)> pairs) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.MakeItems(pairs.Count);
        var dict = new DictValue();
        foreach (var (key, value) in pairs)
        {
            dict.Set(key.Evaluate(rendering, scope), value.Evaluate(rendering, scope));
        }

        return dict;
    }
}

/// <summary><c>+ - * / // % **</c></summary>
internal sealed class BinaryExpression(string name, JinjaExpression left, JinjaExpression right) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.Step();
        return Operators.Apply(rendering, name, left.Evaluate(rendering, scope), right.Evaluate(rendering, scope));
    }
}

internal sealed class SignExpression(bool isNegative, JinjaExpression operand) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope) => operand.Evaluate(rendering, scope) switch
    {
        Undefined undefined => throw undefined.Error(),
        { } number when Operators.IsNumber(number) => isNegative ? Numbers.Negate(number) : number is bool b ? (b ? 1L : 0L) : number,
        var other => throw JinjaError.Runtime($"bad operand type for unary {(isNegative ? '-' : '+')}: '{Values.TypeName(other)}'"),
    };
}

internal sealed class NotExpression(JinjaExpression operand) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope) => !Values.IsTrue(operand.Evaluate(rendering, scope));
}

/// <summary><c>and</c>, <c>or</c>: one of the operands, as in Python.</summary>
internal sealed class LogicalExpression(bool isAnd, JinjaExpression left, JinjaExpression right) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        var value = left.Evaluate(rendering, scope);
        return Values.IsTrue(value) == isAnd ? right.Evaluate(rendering, scope) : value;
    }
}

/// <summary>Comparisons, which may be chained: each operand is evaluated once.</summary>
internal sealed class ComparisonExpression(JinjaExpression first, IReadOnlyList<(string Name, JinjaExpression Operand)> rest) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        var left = first.Evaluate(rendering, scope);
        foreach (var (name, operand) in rest)
        {
            rendering.Step();
            var right = operand.Evaluate(rendering, scope);
            if (!Operators.Holds(rendering, name, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}

/// <summary><c>a ~ b</c>: the texts of all, joined.</summary>
internal sealed class ConcatExpression(IReadOnlyList<JinjaExpression> items) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        var text = new StringBuilder();
        foreach (var item in items)
        {
            rendering.Step();
            text.Append(rendering.Made(Spelling.Str(rendering, item.Evaluate(rendering, scope))));
        }

        return text.ToString();
    }
}

internal sealed class ConditionalExpression(JinjaExpression test, JinjaExpression then, JinjaExpression? otherwise) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope) =>
        Values.IsTrue(test.Evaluate(rendering, scope)) ? then.Evaluate(rendering, scope)
        : otherwise is null ? new Undefined($"the inline if-expression on line {Line} evaluated to false and no else section was defined.")
        : otherwise.Evaluate(rendering, scope);
}

/// <summary><c>value.name</c></summary>
internal sealed class AttributeExpression(JinjaExpression target, string name) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.Step();
        return Lookup.Attribute(target.Evaluate(rendering, scope), name);
    }
}

/// <summary><c>value[key]</c></summary>
internal sealed class ItemExpression(JinjaExpression target, JinjaExpression key) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.Step();
        return Lookup.Item(target.Evaluate(rendering, scope), key.Evaluate(rendering, scope));
    }
}

/// <summary><c>value[start:stop:step]</c></summary>
internal sealed class SliceExpression(JinjaExpression target, JinjaExpression? start, JinjaExpression? stop, JinjaExpression? step) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.Step();
        return Lookup.Slice(rendering, target.Evaluate(rendering, scope), start?.Evaluate(rendering, scope), stop?.Evaluate(rendering, scope), step?.Evaluate(rendering, scope));
    }
}

/// <summary>What stands between the parentheses of a call.</summary>
internal sealed record ArgumentList(
    IReadOnlyList<JinjaExpression> Positional, IReadOnlyList<(string Name, JinjaExpression Value)> Named, JinjaExpression? MorePositional, JinjaExpression? MoreNamed)
{
    public static readonly ArgumentList None = new([], [], null, null);

    public int Nesting => Positional.Concat(Named.Select(pair => pair.Value)).Append(MorePositional).Append(MoreNamed).Max(item => item?.Nesting ?? 0);

    public CallArguments Evaluate(Rendering rendering, Scope scope)
    {
        if (ReferenceEquals(this, None))
        {
            return CallArguments.None;
        }

        var positional = Positional.Select(item => item.Evaluate(rendering, scope)).ToList();
        if (MorePositional?.Evaluate(rendering, scope) is { } more)
        {
            positional.AddRange(Values.Items(more) ?? throw JinjaError.TypeOf(more, "is not iterable"));
        }

        var named = Named.Select(pair => new KeyValuePair<string, object?>(pair.Name, pair.Value.Evaluate(rendering, scope))).ToList();
        if (MoreNamed?.Evaluate(rendering, scope) is { } rest)
        {
            foreach (var (key, value) in (rest as DictValue ?? throw JinjaError.Runtime("argument after ** must be a mapping")).Pairs)
            {
                named.Add(new(Values.IsText(key, out var name) ? name : throw JinjaError.Runtime("keywords must be strings"), value));
            }
        }

        rendering.MakeItems(positional.Count + named.Count);
        return new CallArguments(positional, named);
    }
}

internal sealed class CallExpression(JinjaExpression target, ArgumentList arguments) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope) => Evaluate(rendering, scope, caller: null);

    /// <param name="rendering">The rendering.</param>
    /// <param name="scope">The variables.</param>
    /// <param name="caller">What a call block hands over, or null.</param>
    public object? Evaluate(Rendering rendering, Scope scope, CallableValue? caller)
    {
        rendering.Step();
        var function = target.Evaluate(rendering, scope);
        var given = arguments.Evaluate(rendering, scope);
        if (caller is not null)
        {
            given = new CallArguments(given.Positional, [.. given.Named, new("caller", caller)]);
        }

        rendering.Enter();
        var value = function switch
        {
            CallableValue callable => callable.Call(rendering, given),
            LoopValue loop => loop.Recurse(rendering, given),
            Undefined undefined => throw undefined.Error(),
            _ => throw JinjaError.Runtime($"'{Values.TypeName(function)}' object is not callable"),
        };
        rendering.Leave();
        return value;
    }
}

internal sealed class FilterExpression(JinjaExpression? target, string name, ArgumentList arguments) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope) => Apply(rendering, scope, target!.Evaluate(rendering, scope));

    public object? Apply(Rendering rendering, Scope scope, object? value)
    {
        rendering.Step();
        return Filters.Apply(rendering, name, arguments.Evaluate(rendering, scope).Behind(target is FilterExpression { IsBlock: true } block ? block.Apply(rendering, scope, value) : value));
    }

    /// <summary>Whether it starts a filter block, whose text it is given.</summary>
    private bool IsBlock => target is null or FilterExpression { IsBlock: true };
}

internal sealed class TestExpression(JinjaExpression target, string name, ArgumentList arguments) : JinjaExpression
{
    public override object? Evaluate(Rendering rendering, Scope scope)
    {
        rendering.Step();
        return JinjaTests.Holds(rendering, name, arguments.Evaluate(rendering, scope).Behind(target.Evaluate(rendering, scope)));
    }
}
