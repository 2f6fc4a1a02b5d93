namespace DatasetBuild.Tokenization.Jinja;

/// <summary>All tests of Jinja 3.1, by their names.</summary>
internal static class JinjaTests
{
    private delegate bool Test(Rendering rendering, CallArguments arguments);

    private static readonly Dictionary<string, Test> All = new(StringComparer.Ordinal)
    {
        ["boolean"] = OnValue(value => value is bool),
        ["callable"] = OnValue(value => value is CallableValue or LoopValue or Undefined),
        ["defined"] = OnValue(value => value is not Undefined),
        ["divisibleby"] = (r, a) => Operators.AreEqual(r, Operators.Apply(r, "%", a.Bind("divisibleby", 2, "value", "num")[0], a.Positional.Count > 1 ? a.Positional[1] : a.Named[0].Value), 0L),
        ["escaped"] = OnValue(value => value is Markup),
        ["even"] = (r, a) => Remainder(r, a) is var rest && Operators.AreEqual(r, rest, 0L),
        ["odd"] = (r, a) => Remainder(r, a) is var rest && Operators.AreEqual(r, rest, 1L),
        ["false"] = OnValue(value => value is false),
        ["true"] = OnValue(value => value is true),
        ["filter"] = OnValue(value => Values.IsText(value, out var name) && Filters.Exists(name)),
        ["float"] = OnValue(value => value is double),
        ["in"] = (r, a) => Operators.Contains(r, a.Bind("in", 2, "value", "seq") is var bound ? bound[1] : null, bound[0]),
        ["integer"] = OnValue(value => value is not bool && Values.IsInteger(value, out _)),
        ["iterable"] = OnValue(value => Values.Items(value) is not null),
        ["lower"] = (r, a) => TextMethods.IsLower(Spelling.Str(r, a.Positional[0])),
        ["upper"] = (r, a) => TextMethods.IsUpper(Spelling.Str(r, a.Positional[0])),
        ["mapping"] = OnValue(value => value is DictValue),
        ["none"] = OnValue(value => value is null),
        ["number"] = OnValue(Operators.IsNumber),
        ["sameas"] = (_, a) => AreSame(a.Bind("sameas", 2, "value", "other")),
        ["sequence"] = OnValue(value => value is string or Markup or ListValue or TupleValue or DictValue or RangeValue),
        ["string"] = OnValue(value => value is string or Markup),
        ["test"] = OnValue(value => Values.IsText(value, out var name) && Exists(name)),
        ["undefined"] = OnValue(value => value is Undefined),
        ["=="] = Comparison("=="), ["eq"] = Comparison("=="), ["equalto"] = Comparison("=="),
        ["!="] = Comparison("!="), ["ne"] = Comparison("!="),
        [">"] = Comparison(">"), ["gt"] = Comparison(">"), ["greaterthan"] = Comparison(">"),
        [">="] = Comparison(">="), ["ge"] = Comparison(">="),
        ["<"] = Comparison("<"), ["lt"] = Comparison("<"), ["lessthan"] = Comparison("<"),
        ["<="] = Comparison("<="), ["le"] = Comparison("<="),
    };

    public static bool Exists(string name) => All.ContainsKey(name);

    /// <param name="rendering">The rendering.</param>
    /// <param name="name">The test's name.</param>
    /// <param name="arguments">The tested value, then the arguments.</param>
    public static bool Holds(Rendering rendering, string name, CallArguments arguments) =>
        All.TryGetValue(name, out var test) ? test(rendering, arguments) : throw JinjaError.Runtime($"No test named '{name}'.");

    private static Test OnValue(Func<object?, bool> holds) => (_, arguments) => holds(arguments.Bind("test", 1, "value")[0]);

    private static Test Comparison(string name) => (rendering, arguments) => arguments.Bind(name, 2, "/a", "/b") is var bound && Operators.Holds(rendering, name, bound[0], bound[1]);

    private static object? Remainder(Rendering rendering, CallArguments arguments) => Operators.Apply(rendering, "%", arguments.Bind("odd", 1, "value")[0], 2L);

    /// <summary>Whether two values are one object; where Python itself keeps one of each, equal values are.</summary>
    private static bool AreSame(Bound bound) => (bound[0], bound[1]) switch
    {
        (null, null) => true,
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        (string a, string b) => a == b,
        (double a, double b) => a.Equals(b),
        _ => ReferenceEquals(bound[0], bound[1]),
    };
}
