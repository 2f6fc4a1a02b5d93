using System.Globalization;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The <c>attribute</c> of filters: names with points between them, numbers among them, or one number.</summary>
internal sealed class AttributePath(IReadOnlyList<object?> parts)
{
    public static AttributePath Of(object? attribute) => new(attribute switch
    {
        null => [],
        _ when Values.IsText(attribute, out var text) => [.. text.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? (object?)long.Parse(part, CultureInfo.InvariantCulture) : part)],
        _ => [attribute],
    });

    /// <summary>Several paths with commas between them.</summary>
    public static IReadOnlyList<AttributePath> List(object? attribute) => Values.IsText(attribute, out var text) ? [.. text.Split(',').Select(Of)] : [Of(attribute)];

    public object? Get(object? value, object? fallback = null) => parts.Aggregate(value, (item, part) => Lookup.Item(item, part) is var found && fallback is not null && found is Undefined ? fallback : found);
}
