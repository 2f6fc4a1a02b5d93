namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Filters that go through sequences. Those that Python gives as generators are made as they are read, and can be read once.</summary>
internal static partial class Filters
{
    private static IteratorValue Map(Rendering rendering, CallArguments arguments)
    {
        var items = arguments.Positional[0];
        return new IteratorValue("generator", Values.IsTrue(items) ? Mapped() : []);

        IEnumerable<object?> Mapped()
        {
            var change = arguments.Positional.Count == 1 ? ByAttribute() : ByFilter();
            foreach (var item in Items(items))
            {
                rendering.Step();
                yield return change(item);
            }
        }

        Func<object?, object?> ByAttribute()
        {
            var bound = arguments.From(1).Bind("map", 0, "attribute", "default");
            var path = bound.Has(0) ? AttributePath.Of(bound[0]) : throw JinjaError.Runtime("map requires a filter argument");
            return item => path.Get(item, bound[1]);
        }

        Func<object?, object?> ByFilter()
        {
            var name = Values.IsText(arguments.Positional[1], out var text) ? text : throw JinjaError.Runtime("map requires the name of a filter");
            var rest = arguments.From(2);
            return item => Apply(rendering, name, rest.Behind(item));
        }
    }

    private static IteratorValue Select(Rendering rendering, CallArguments arguments, string name, bool ofAttribute, bool keeps)
    {
        var items = arguments.Positional[0];
        return new IteratorValue("generator", Values.IsTrue(items) ? Selected() : []);

        IEnumerable<object?> Selected()
        {
            var first = ofAttribute ? 2 : 1;
            if (arguments.Positional.Count < first)
            {
                throw JinjaError.Runtime("Missing parameter for attribute name");
            }

            var path = ofAttribute ? AttributePath.Of(arguments.Positional[1]) : null;
            var test = arguments.Positional.Count == first ? null : Values.IsText(arguments.Positional[first], out var text) ? text : throw JinjaError.Runtime($"{name} requires the name of a test");
            var rest = arguments.From(first + 1);
            foreach (var item in Items(items))
            {
                rendering.Step();
                var value = path is null ? item : path.Get(item);
                if ((test is null ? Values.IsTrue(value) : JinjaTests.Holds(rendering, test, rest.Behind(value))) == keeps)
                {
                    yield return item;
                }
            }
        }
    }

    private static IteratorValue Unique(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("unique", 1, "value", "case_sensitive", "attribute");
        var key = KeyOf(bound, 1, AttributePath.Of(bound[2]));
        return new IteratorValue("generator", Distinct());

        IEnumerable<object?> Distinct()
        {
            var seen = new HashSet<object>();
            foreach (var item in Items(bound[0]))
            {
                rendering.Step();
                if (seen.Add(DictValue.KeyOf(key(item))))
                {
                    yield return item;
                }
            }
        }
    }

    private static IteratorValue Batch(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("batch", 2, "value", "linecount", "fill_with");
        var size = bound.Integer(1);
        return new IteratorValue("generator", Batches());

        IEnumerable<object?> Batches()
        {
            var batch = new List<object?>();
            foreach (var item in Items(bound[0]))
            {
                rendering.Step();
                if (batch.Count == size)
                {
                    yield return new ListValue(batch);
                    batch = [];
                }

                batch.Add(item);
            }

            if (batch.Count > 0)
            {
                if (bound[2] is not null && size > batch.Count)
                {
                    rendering.MakeItems(size);
                    batch.AddRange(Enumerable.Repeat(bound[2], (int)size - batch.Count));
                }

                yield return new ListValue(batch);
            }
        }
    }

    private static IteratorValue Slice(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("slice", 2, "value", "slices", "fill_with");
        var count = bound.Integer(1);
        return new IteratorValue("generator", Slices());

        IEnumerable<object?> Slices()
        {
            var all = Listed(rendering, bound[0]);
            if (count == 0)
            {
                throw JinjaError.Runtime("integer division or modulo by zero");
            }

            var (size, extra) = (all.Count / count, all.Count % count);
            var at = 0;
            for (long i = 0; i < count; i++)
            {
                rendering.Step();
                var slice = all.GetRange(at, (int)(size + (i < extra ? 1 : 0)));
                at += slice.Count;
                if (bound[2] is not null && i >= extra)
                {
                    slice.Add(bound[2]);
                }

                yield return new ListValue(slice);
            }
        }
    }

    private static ListValue Sort(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("sort", 1, "value", "reverse", "case_sensitive", "attribute");
        var keys = AttributePath.List(bound[3]).Select(path => KeyOf(bound, 2, path)).ToList();
        return new ListValue(PythonSort.Sorted(rendering, Items(bound[0]), item => new ListValue([.. keys.Select(key => key(item))]), bound.IsTrue(1)));
    }

    private static ListValue DictSort(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("dictsort", 1, "value", "case_sensitive", "by", "reverse");
        var by = bound.Text(2, "key");
        if (by is not ("key" or "value"))
        {
            throw JinjaError.Runtime("You can only sort by either \"key\" or \"value\"");
        }

        var dict = bound[0] as DictValue ?? throw JinjaError.TypeOf(bound[0], "object has no items to sort");
        return new ListValue([.. PythonSort.Sorted(rendering, dict.Pairs, pair => Folded(by == "key" ? pair.Key : pair.Value, bound.IsTrue(1)), bound.IsTrue(3)).Select(pair => new TupleValue(pair.Key, pair.Value))]);
    }

    private static ListValue GroupBy(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("groupby", 2, "value", "attribute", "default", "case_sensitive");
        var path = AttributePath.Of(bound[1]);
        var groups = new List<object?>();
        object? last = null;
        List<object?>? group = null;
        foreach (var item in PythonSort.Sorted(rendering, Items(bound[0]), Key, isReversed: false))
        {
            var key = Key(item);
            if (group is null || !Operators.AreEqual(rendering, last, key))
            {
                group = [];
                groups.Add(new TupleValue(path.Get(item, bound[2]), new ListValue(group)) { Names = ["grouper", "list"] });
                last = key;
            }

            group.Add(item);
        }

        return new ListValue(groups);

        object? Key(object? item) => Folded(path.Get(item, bound[2]), bound.IsTrue(3));
    }

    private static object? Extreme(Rendering rendering, CallArguments arguments, string name, int sign)
    {
        var bound = arguments.Bind(name, 1, "value", "case_sensitive", "attribute");
        var key = KeyOf(bound, 1, AttributePath.Of(bound[2]));
        object? best = null, bestKey = null;
        var isFirst = true;
        foreach (var item in Items(bound[0]))
        {
            rendering.Step();
            var candidate = key(item);
            if (isFirst || Operators.Compare(rendering, sign > 0 ? ">" : "<", candidate, bestKey) * sign > 0)
            {
                (best, bestKey, isFirst) = (item, candidate, false);
            }
        }

        return isFirst ? new Undefined("No aggregated item, sequence was empty.") : best;
    }

    private static object? Sum(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("sum", 1, "iterable", "attribute", "start");
        var path = bound[1] is null ? null : AttributePath.Of(bound[1]);
        var sum = bound.Has(2) ? bound[2] : 0L;
        if (Values.IsText(sum, out _))
        {
            throw JinjaError.Runtime("sum() can't sum strings [use ''.join(seq) instead]");
        }

        foreach (var item in Items(bound[0]))
        {
            rendering.Step();
            sum = Operators.Apply(rendering, "+", sum, path is null ? item : path.Get(item));
        }

        return sum;
    }

    private static Func<object?, object?> KeyOf(Bound bound, int caseSensitive, AttributePath path)
    {
        var isSensitive = bound.IsTrue(caseSensitive);
        return item => Folded(path.Get(item), isSensitive);
    }

    private static object? Folded(object? value, bool isSensitive) => !isSensitive && Values.IsText(value, out var text) ? Casing.Lower(text) : value;
}
