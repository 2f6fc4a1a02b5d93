namespace DatasetBuild.Tokenization.Jinja;

/// <summary>What a call hands over, by position and by name.</summary>
internal sealed class CallArguments(IReadOnlyList<object?> positional, IReadOnlyList<KeyValuePair<string, object?>> named)
{
    public static readonly CallArguments None = new([], []);

    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyList<KeyValuePair<string, object?>> Named { get; } = named;

    public static CallArguments Of(params object?[] positional) => new(positional, []);

    /// <summary>The same with a value in front, as filters and tests are called.</summary>
    public CallArguments Behind(object? first) => new([first, .. Positional], Named);

    /// <summary>The arguments from some position on.</summary>
    public CallArguments From(int position) => new([.. Positional.Skip(position)], Named);

    /// <summary>Puts the arguments into the places of a signature.</summary>
    /// <param name="function">Its name, for the message.</param>
    /// <param name="required">How many of the parameters must be given.</param>
    /// <param name="parameters">Their names; one that starts with <c>/</c> takes no argument by name.</param>
    public Bound Bind(string function, int required, params string[] parameters)
    {
        if (Positional.Count > parameters.Length)
        {
            throw JinjaError.Runtime($"{function}() takes {parameters.Length} positional arguments but {Positional.Count} were given");
        }

        var values = new object?[parameters.Length];
        var given = new bool[parameters.Length];
        for (var i = 0; i < Positional.Count; i++)
        {
            (values[i], given[i]) = (Positional[i], true);
        }

        foreach (var (name, value) in Named)
        {
            var at = Array.IndexOf(parameters, name);
            if (at < 0 || given[at])
            {
                throw JinjaError.Runtime(at < 0 ? $"{function}() got an unexpected keyword argument '{name}'" : $"{function}() got multiple values for argument '{name}'");
            }

            (values[at], given[at]) = (value, true);
        }

        var missing = Array.FindIndex(given, 0, required, isGiven => !isGiven);
        return missing < 0 ? new Bound(function, values, given) : throw JinjaError.Runtime($"{function}() missing 1 required positional argument: '{parameters[missing].TrimStart('/')}'");
    }
}

/// <summary>Arguments in the places of a signature.</summary>
internal sealed class Bound(string function, object?[] values, bool[] given)
{
    public object? this[int position] => values[position];

    public bool Has(int position) => given[position];

    /// <summary>A text that was given; a marked one counts as its text.</summary>
    public string Text(int position) => Values.IsText(values[position], out var text) ? text : throw Wrong(position, "a string");

    public string Text(int position, string fallback) => given[position] ? Text(position) : fallback;

    /// <summary>A text, or null where none or None was given.</summary>
    public string? OptionalText(int position) => values[position] is null ? null : Text(position);

    public long Integer(int position) =>
        Values.IsInteger(values[position], out var integer)
            ? (integer >= long.MinValue && integer <= long.MaxValue ? (long)integer : throw JinjaError.Runtime("Python int too large to convert to C ssize_t"))
            : throw Wrong(position, "an integer");

    public long Integer(int position, long fallback) => given[position] ? Integer(position) : fallback;

    public bool IsTrue(int position) => Values.IsTrue(values[position]);

    private JinjaError Wrong(int position, string what) =>
        values[position] is Undefined undefined ? undefined.Error() : JinjaError.Runtime($"{function}() needs {what}, not '{Values.TypeName(values[position])}'");
}
