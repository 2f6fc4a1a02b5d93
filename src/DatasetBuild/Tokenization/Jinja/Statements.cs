using System.Globalization;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>How a statement ends.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A statement of a template. Immutable: many renderings may run it at once.</summary>
internal abstract class Statement
{
    public required int Line { get; init; }

    public abstract Flow Run(Rendering rendering, Scope scope);

    public static Flow RunAll(IReadOnlyList<Statement> statements, Rendering rendering, Scope scope)
    {
        for (var i = 0; i < statements.Count; i++)
        {
            try
            {
                var flow = statements[i].Run(rendering, scope);
                if (flow != Flow.Next)
                {
                    return flow;
                }
            }
            catch (JinjaError error) when (error.Line == 0)
            {
                error.Line = statements[i].Line;
                throw;
            }
        }

        return Flow.Next;
    }
}

internal sealed class TextStatement(string text) : Statement
{
    public string Text => text;

    public override Flow Run(Rendering rendering, Scope scope)
    {
        rendering.Write(text);
        return Flow.Next;
    }
}

internal sealed class OutputStatement(JinjaExpression expression) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        rendering.Step();
        rendering.Write(Spelling.Str(rendering, expression.Evaluate(rendering, scope)));
        return Flow.Next;
    }
}

internal sealed class IfStatement(IReadOnlyList<(JinjaExpression Test, IReadOnlyList<Statement> Body)> branches, IReadOnlyList<Statement> otherwise) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        foreach (var (test, body) in branches)
        {
            rendering.Step();
            if (Values.IsTrue(test.Evaluate(rendering, scope)))
            {
                return RunAll(body, rendering, scope);
            }
        }

        return RunAll(otherwise, rendering, scope);
    }
}

/// <summary>Where a value goes: a name, an attribute of a namespace, or several of them.</summary>
internal abstract record AssignmentTarget
{
    public abstract void Assign(Rendering rendering, Scope scope, object? value);
}

internal sealed record NameTarget(string Name) : AssignmentTarget
{
    public override void Assign(Rendering rendering, Scope scope, object? value) => scope.Set(Name, value);
}

internal sealed record NamespaceTarget(string Name, string Attribute) : AssignmentTarget
{
    public override void Assign(Rendering rendering, Scope scope, object? value)
    {
        if (!scope.TryGet(Name, out var target) || target is not NamespaceValue space)
        {
            throw JinjaError.Runtime("cannot assign attribute on non-namespace object");
        }

        rendering.Make(1);
        space.Attributes[Attribute] = value;
    }
}

internal sealed record TupleTarget(IReadOnlyList<AssignmentTarget> Targets) : AssignmentTarget
{
    public override void Assign(Rendering rendering, Scope scope, object? value)
    {
        var items = (Values.Items(value) ?? throw JinjaError.Runtime($"cannot unpack non-iterable {Values.TypeName(value)} object")).Take(Targets.Count + 1).ToList();
        if (items.Count != Targets.Count)
        {
            throw JinjaError.Runtime(items.Count > Targets.Count ? $"too many values to unpack (expected {Targets.Count})" : $"not enough values to unpack (expected {Targets.Count}, got {items.Count})");
        }

        for (var i = 0; i < items.Count; i++)
        {
            Targets[i].Assign(rendering, scope, items[i]);
        }
    }
}

internal sealed class SetStatement(AssignmentTarget target, JinjaExpression value) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        rendering.Step();
        target.Assign(rendering, scope, value.Evaluate(rendering, scope));
        return Flow.Next;
    }
}

/// <summary><c>{% set name %}text{% endset %}</c>, with or without filters.</summary>
internal sealed class SetBlockStatement(AssignmentTarget target, FilterExpression? filter, IReadOnlyList<Statement> body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        var text = rendering.Capture(body, new Scope(scope));
        target.Assign(rendering, scope, filter is null ? text : filter.Apply(rendering, scope, text));
        return Flow.Next;
    }
}

internal sealed class FilterStatement(FilterExpression filter, IReadOnlyList<Statement> body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        var text = rendering.Capture(body, new Scope(scope));
        rendering.Write(Spelling.Str(rendering, filter.Apply(rendering, scope, text)));
        return Flow.Next;
    }
}

internal sealed class WithStatement(IReadOnlyList<(AssignmentTarget Target, JinjaExpression Value)> variables, IReadOnlyList<Statement> body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in variables)
        {
            target.Assign(rendering, inner, value.Evaluate(rendering, scope));
        }

        return RunAll(body, rendering, inner);
    }
}

internal sealed class LoopControl(Flow flow) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope) => flow;
}

/// <summary><c>{% generation %}</c>: what it writes is the assistant's.</summary>
internal sealed class GenerationStatement(IReadOnlyList<Statement> body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        rendering.Generate(body, new Scope(scope));
        return Flow.Next;
    }
}

/// <summary>A named block. Without inheritance it is written where it stands; it sees the variables of the template alone, unless it is scoped.</summary>
internal sealed class BlockStatement(string name, bool isScoped, IReadOnlyList<Statement> body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        RunAll(body, rendering, BodyScope(isScoped ? scope : scope.Root, rendering));
        return Flow.Next;
    }

    /// <summary><c>self.name()</c></summary>
    public string Text(Rendering rendering, Scope root) => rendering.Capture(body, BodyScope(root, rendering));

    public string Name => name;

    private Scope BodyScope(Scope around, Rendering rendering)
    {
        rendering.Step();
        var scope = new Scope(around);
        scope.Set("super", new Undefined($"there is no parent block called '{name}'."));
        return scope;
    }
}

/// <summary>The parameters of a macro or a call block; those with a default come last.</summary>
internal sealed record MacroParameter(string Name, JinjaExpression? Default);

internal sealed class MacroStatement(string name, MacroBody body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        scope.Set(name, body.Bind(name, scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call(user) list(users) %}…{% endcall %}</c>: the body is handed to a macro as <c>caller</c>.</summary>
internal sealed class CallStatement(CallExpression call, MacroBody body) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        rendering.Write(Spelling.Str(rendering, call.Evaluate(rendering, scope, body.Bind("caller", scope))));
        return Flow.Next;
    }
}

/// <summary>What a macro does: its parameters, its statements, and which of the names <c>varargs</c>, <c>kwargs</c> and <c>caller</c> it uses.</summary>
internal sealed record MacroBody(IReadOnlyList<MacroParameter> Parameters, IReadOnlyList<Statement> Statements, IReadOnlySet<string> Uses)
{
    /// <summary>The macro as a value; it sees the variables of the place where it was made.</summary>
    public CallableValue Bind(string name, Scope scope) => new(name, (rendering, arguments) => Call(name, scope, rendering, arguments))
    {
        Spelling = name == "caller" ? "<Macro anonymous>" : $"<Macro '{name}'>",
        Attributes = attribute => attribute switch
        {
            "name" => (true, name == "caller" ? null : name),
            "arguments" => (true, new TupleValue([.. Parameters.Select(parameter => parameter.Name)])),
            "catch_kwargs" => (true, Uses.Contains("kwargs")),
            "catch_varargs" => (true, Uses.Contains("varargs")),
            "caller" => (true, Uses.Contains("caller")),
            _ => (false, null),
        },
    };

    private string Call(string name, Scope scope, Rendering rendering, CallArguments arguments)
    {
        var inner = new Scope(scope);
        var named = arguments.Named.ToList();
        if (named.Select(pair => pair.Key).Distinct(StringComparer.Ordinal).Count() < named.Count)
        {
            throw JinjaError.Runtime($"macro '{name}' got several values for one argument");
        }

        var unset = new List<MacroParameter>();
        for (var i = 0; i < Parameters.Count; i++)
        {
            var parameter = Parameters[i];
            if (i < arguments.Positional.Count)
            {
                inner.Set(parameter.Name, arguments.Positional[i]);
            }
            else if (Take(named, parameter.Name, out var value))
            {
                inner.Set(parameter.Name, value);
            }
            else
            {
                unset.Add(parameter);
            }
        }

        if (Uses.Contains("caller") && !Parameters.Any(parameter => parameter.Name == "caller"))
        {
            inner.Set("caller", Take(named, "caller", out var caller) && caller is not null ? caller : new Undefined("No caller defined"));
        }

        if (Uses.Contains("kwargs"))
        {
            inner.Set("kwargs", DictValue.Of([.. named.Select(pair => (pair.Key, pair.Value))]));
        }
        else if (named.Count > 0)
        {
            throw JinjaError.Runtime($"macro '{name}' takes no keyword argument '{named[0].Key}'");
        }

        if (Uses.Contains("varargs"))
        {
            inner.Set("varargs", new TupleValue([.. arguments.Positional.Skip(Parameters.Count)]));
        }
        else if (arguments.Positional.Count > Parameters.Count)
        {
            throw JinjaError.Runtime(string.Create(CultureInfo.InvariantCulture, $"macro '{name}' takes not more than {Parameters.Count} argument(s)"));
        }

        foreach (var parameter in unset)
        {
            inner.Set(parameter.Name, parameter.Default is null ? new Undefined($"parameter '{parameter.Name}' was not provided") : parameter.Default.Evaluate(rendering, inner));
        }

        return rendering.Capture(Statements, inner);
    }

    private static bool Take(List<KeyValuePair<string, object?>> named, string name, out object? value)
    {
        var at = named.FindIndex(pair => pair.Key == name);
        value = at >= 0 ? named[at].Value : null;
        if (at >= 0)
        {
            named.RemoveAt(at);
        }

        return at >= 0;
    }
}
