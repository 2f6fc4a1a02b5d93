using System.Globalization;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The metadata of one item, or the project's properties, read by type. Every mistake is an error that names the item, what is wrong, what would be right, and where the
/// item stands. The first one is thrown, or all of them gathered. MSBuild passes empty text for a property that does not exist, so an empty value is a mistake and never "not given".
/// </summary>
/// <param name="owner">Names the item in messages.</param>
/// <param name="values">The values by name.</param>
/// <param name="locate">Where a value stands, by its name; of no name: where the item does.</param>
public sealed class Parameters(string owner, IReadOnlyDictionary<string, string> values, Func<string, ItemLocation> locate)
{
    private readonly Dictionary<string, string> values = new(values, StringComparer.OrdinalIgnoreCase);

    public Parameters(string owner, IReadOnlyDictionary<string, string> values, ItemLocation location)
        : this(owner, values, _ => location)
    {
    }

    /// <summary>Takes the mistakes in values; each such value is from then on taken for not given. Null: a mistake is thrown.</summary>
    public ICollection<DatasetException>? Mistakes { get; init; }

    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Refuses names outside <paramref name="known"/>, unless other tools may have put them there and no known name is near.</summary>
    public void RefuseUnknown(IReadOnlyCollection<string> known, bool foreignAllowed = false)
    {
        foreach (var name in values.Keys.Order(StringComparer.Ordinal))
        {
            if (known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                OptionalText(name);
                continue;
            }

            var nearest = Spelling.Nearest(name, known);
            if (foreignAllowed && nearest is null)
            {
                continue;
            }

            var hint = nearest is null ? $"It takes {string.Join(", ", known)}." : $"Did you mean {nearest}?";
            Refuse<string>(name, Fail(ProjectCodes.UnknownParameter, $"{owner} has no parameter {name}. {hint}"));
        }
    }

    public string Text(string name) => OptionalText(name) ?? throw Fail(ProjectCodes.MissingParameter, $"{owner} needs {name}.");

    public string? OptionalText(string name)
    {
        if (!values.TryGetValue(name, out var value))
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(value))
        {
            return Refuse<string?>(name, Fail(ProjectCodes.EmptyValue, name, $"{owner}: {name} is empty. A property in it may be misspelt; leave the parameter out to have its default."));
        }

        // A list may be written over several lines.
        value = value.Trim();
        return value.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? Refuse<string?>(name, Controlled(name, value)) : value;
    }

    /// <summary>A text of one line, which names something.</summary>
    public string? OptionalName(string name) =>
        OptionalText(name) is { } text ? (text.Any(char.IsControl) ? Refuse<string?>(name, Controlled(name, text)) : text) : null;

    /// <summary>A list, separated by ';' or ','; empty entries are passed over.</summary>
    public string[]? List(string name) =>
        OptionalText(name)?.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public T Enum<T>(string name, T fallback)
        where T : struct, Enum
    {
        if (OptionalText(name) is not { } text)
        {
            return fallback;
        }

#pragma warning disable CA2263 // the generic methods would be compiled anew for each enumeration at the start of every build
        var names = System.Enum.GetNames(typeof(T));
        var match = Array.Find(names, candidate => candidate.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (match is null)
        {
            var nearest = Spelling.Nearest(text, names);
            return Refuse(name, Invalid(name, text, nearest is null ? $"It is one of {string.Join(", ", names)}." : $"Did you mean {nearest}?"), fallback);
        }

        return (T)System.Enum.Parse(typeof(T), match);
#pragma warning restore CA2263
    }

    public double? Number(string name)
    {
        if (OptionalText(name) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : Refuse<double?>(name, Invalid(name, text, "It is a number with a point, such as 8 or 0.25."));
    }

    public int Integer(string name, int fallback, int least, int most)
    {
        if (OptionalText(name) is not { } text)
        {
            return fallback;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Refuse(name, Invalid(name, text, $"It is a whole number{(least == int.MinValue ? "" : $" from {least}{(most == int.MaxValue ? "" : $" to {most}")}")}."), fallback);
    }

    public Keep? Keep()
    {
        if (OptionalText("Keep") is not { } text)
        {
            return null;
        }

        return Selection.Keep.TryParse(text, out var keep)
            ? keep
            : Refuse<Keep?>("Keep", Invalid("Keep", text, "It is a count (1000), a share (6%) or a budget (5000000 tokens)."));
    }

    public (Share Low, Share High)? Band()
    {
        if (OptionalText("Band") is not { } text)
        {
            return null;
        }

        return text.Split("..") is [var low, var high] && Share.TryParse(low, out var from) && Share.TryParse(high, out var to) && from.Fraction < to.Fraction
            ? (from, to)
            : Refuse<(Share Low, Share High)?>("Band", Invalid("Band", text, "It is two shares of the ranked records, the lower first, such as 25%..75%."));
    }

    public DatasetException Invalid(string name, string text, string remedy) =>
        Fail(ProjectCodes.InvalidValue, name, $"{owner}: {name}=\"{text}\" cannot be used. {remedy}");

    /// <summary>Refuses a value for a reason that this class does not know.</summary>
    /// <returns>What stands for a value that was not given.</returns>
    public T? Refuse<T>(string name, string text, string remedy) => Refuse<T>(name, Invalid(name, text, remedy));

    private T? Refuse<T>(string name, DatasetException mistake, T? instead = default)
    {
        if (Mistakes is null)
        {
            throw mistake;
        }

        Mistakes.Add(mistake);
        values.Remove(name);
        return instead;
    }

    private DatasetException Controlled(string name, string text) =>
        Invalid(name, Visible.Of(text), "It contains a control character: take that out (MSBuild makes one of a percent sign with two digits, such as %1B).");

    public DatasetException Contradiction(string message) => Fail(ProjectCodes.Contradiction, $"{owner}: {message}");

    public DatasetException Fail(string code, string message) => Fail(code, "", message);

    private DatasetException Fail(string code, string name, string message) => locate(name).Fail(code, message);
}
