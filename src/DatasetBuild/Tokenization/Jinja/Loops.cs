namespace DatasetBuild.Tokenization.Jinja;

internal sealed class ForStatement(
    AssignmentTarget target, JinjaExpression items, JinjaExpression? test, bool isRecursive, IReadOnlyList<Statement> body, IReadOnlyList<Statement> otherwise) : Statement
{
    public override Flow Run(Rendering rendering, Scope scope)
    {
        Run(rendering, scope, items.Evaluate(rendering, scope), 0);
        return Flow.Next;
    }

    /// <summary>The loop once more, over other items, from inside its body.</summary>
    public string Recurse(Rendering rendering, Scope scope, object? over, int depth)
    {
        var again = new Again(this, over, depth) { Line = Line };
        return rendering.Capture([again], scope);
    }

    private void Run(Rendering rendering, Scope scope, object? over, int depth)
    {
        var all = Values.Items(over) ?? throw JinjaError.Runtime($"'{Values.TypeName(over)}' object is not iterable");
        if (test is not null)
        {
            all = Passing(rendering, scope, all);
        }

        var loop = new LoopValue(all, test is null ? Values.Length(over) : -1, depth, isRecursive ? (again, list, next) => Recurse(again, scope, list, next) : null);
        var ran = false;
        while (loop.TryNext(out var item))
        {
            rendering.Step();
            ran = true;
            var inner = new Scope(scope);
            inner.Set("loop", loop);
            target.Assign(rendering, inner, item);
            if (RunAll(body, rendering, inner) == Flow.Break)
            {
                break;
            }
        }

        if (!ran)
        {
            RunAll(otherwise, rendering, new Scope(scope));
        }
    }

    private IEnumerable<object?> Passing(Rendering rendering, Scope scope, IEnumerable<object?> all)
    {
        foreach (var item in all)
        {
            rendering.Step();
            var inner = new Scope(scope);
            inner.Set("loop", new Undefined("'loop' is undefined; the filter section of a loop has no access to it"));
            target.Assign(rendering, inner, item);
            if (Values.IsTrue(test!.Evaluate(rendering, inner)))
            {
                yield return item;
            }
        }
    }

    private sealed class Again(ForStatement loop, object? over, int depth) : Statement
    {
        public override Flow Run(Rendering rendering, Scope scope)
        {
            loop.Run(rendering, scope, over, depth);
            return Flow.Next;
        }
    }
}

/// <summary>The variable <c>loop</c>. Items are taken one ahead at most, unless the template asks how many there are.</summary>
/// <param name="items">What is looped over.</param>
/// <param name="length">How many items there are, or -1 where that shows only in the end.</param>
/// <param name="depth">How many loops of the same kind stand around it.</param>
/// <param name="recurse">Runs the loop over other items, or null for one that is not recursive.</param>
internal sealed class LoopValue(IEnumerable<object?> items, int length, int depth, Func<Rendering, object?, int, string>? recurse)
{
    private IEnumerator<object?> ahead = items.GetEnumerator();
    private bool hasNext;
    private object? next;
    private object? current;
    private object? previous;
    private object?[]? changed;
    private int length = length;

    public int Index0 { get; private set; } = -1;

    public int Length
    {
        get
        {
            if (length < 0)
            {
                var rest = new List<object?>();
                while (ahead.MoveNext())
                {
                    rest.Add(ahead.Current);
                }

                ahead = ((IEnumerable<object?>)rest).GetEnumerator();
                length = rest.Count + Index0 + 1 + (hasNext ? 1 : 0);
            }

            return length;
        }
    }

    public bool TryNext(out object? item)
    {
        item = null;
        if (!Peek())
        {
            return false;
        }

        (previous, current, item) = (current, next, next);
        hasNext = false;
        Index0++;
        return true;
    }

    /// <summary>What is left, for a template that iterates over the loop itself.</summary>
    public IEnumerable<object?> Rest()
    {
        while (TryNext(out var item))
        {
            yield return new TupleValue(item, this);
        }
    }

    public (bool Found, object? Value) Attribute(string name) => name switch
    {
        "index" => (true, Index0 + 1L),
        "index0" => (true, (long)Index0),
        "revindex" => (true, (long)Length - Index0),
        "revindex0" => (true, Length - Index0 - 1L),
        "first" => (true, Index0 == 0),
        "last" => (true, !Peek()),
        "length" => (true, (long)Length),
        "depth" => (true, depth + 1L),
        "depth0" => (true, (long)depth),
        "previtem" => (true, Index0 == 0 ? new Undefined("there is no previous item") : previous),
        "nextitem" => (true, Peek() ? next : new Undefined("there is no next item")),
        "cycle" => (true, new CallableValue("cycle", (_, arguments) => Cycle(arguments))),
        "changed" => (true, new CallableValue("changed", (rendering, arguments) => Changed(rendering, arguments))),
        _ => (false, null),
    };

    public string Recurse(Rendering rendering, CallArguments arguments) =>
        recurse is null
            ? throw JinjaError.Runtime("The loop must have the 'recursive' marker to be called recursively.")
            : recurse(rendering, arguments.Bind("loop", 1, "iterable")[0], depth + 1);

    private bool Peek()
    {
        if (!hasNext && ahead.MoveNext())
        {
            (hasNext, next) = (true, ahead.Current);
        }

        return hasNext;
    }

    private object? Cycle(CallArguments arguments) =>
        arguments.Positional.Count > 0 ? arguments.Positional[Index0 % arguments.Positional.Count] : throw JinjaError.Runtime("no items for cycling given");

    private bool Changed(Rendering rendering, CallArguments arguments)
    {
        var now = arguments.Positional.ToArray();
        if (changed is not null && Operators.AreEqual(rendering, new TupleValue(changed), new TupleValue(now)))
        {
            return false;
        }

        changed = now;
        return true;
    }
}
