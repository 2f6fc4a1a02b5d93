using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>An object of a tokenizer.json with what it must and may hold; what is missing or of another kind is an error that points at it.</summary>
internal sealed class JsonSection
{
    private readonly JsonPart _part;
    private readonly Dictionary<string, JsonPart> _members;

    /// <param name="file">The file.</param>
    /// <param name="part">The object.</param>
    /// <param name="what">The section of the file that it belongs to, for messages.</param>
    public JsonSection(TokenizerFile file, JsonPart part, string what)
    {
        File = file;
        What = what;
        _part = part with { Name = part.Name.Length > 0 ? part.Name : what };
        _members = JsonParts.Members(file, _part);
    }

    public TokenizerFile File { get; }

    public string What { get; }

    /// <summary>The member <c>type</c>, which says what an object of its section is.</summary>
    public string Type => Text("type");

    public IEnumerable<JsonPart> Members => _members.Values;

    public bool Has(string name) => _members.TryGetValue(name, out var member) && !member.IsNull;

    public JsonPart Part(string name) => _members.TryGetValue(name, out var member)
        ? member
        : throw File.ErrorAt(_part.Start, TokenizerErrors.InvalidPart, $"'{name}' is missing in a part of {What}.");

    public string Text(string name) => JsonParts.String(File, Part(name));

    /// <summary>A text, or what stands for one that is null or not there.</summary>
    public string? Text(string name, string? otherwise) => Has(name) ? Text(name) : otherwise;

    public bool Flag(string name) => Part(name) switch
    {
        { Kind: JsonTokenType.True } => true,
        { Kind: JsonTokenType.False } => false,
        var other => throw File.ErrorAt(other.Start, TokenizerErrors.InvalidPart, $"'{name}' must be true or false."),
    };

    public bool Flag(string name, bool otherwise) => Has(name) ? Flag(name) : otherwise;

    /// <summary>A text of one character.</summary>
    public Rune Character(string name)
    {
        var text = Text(name);
        return Rune.TryGetRuneAt(text.Length > 0 ? text : "\0", 0, out var rune) && rune.Utf16SequenceLength == text.Length
            ? rune
            : throw Error(name, TokenizerErrors.InvalidPart, $"'{name}' must be one character.");
    }

    /// <summary>An integer from 0.</summary>
    public long Number(string name) => Number(Part(name));

    public long Number(JsonPart part) =>
        part.Kind == JsonTokenType.Number
        && long.TryParse(File.Bytes.AsSpan(part.Start..part.End), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw File.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"'{part.Name}' must be an integer from 0.");

    public double Real(JsonPart part) =>
        part.Kind == JsonTokenType.Number
        && double.TryParse(File.Bytes.AsSpan(part.Start..part.End), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw File.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"'{part.Name}' must be a number.");

    public List<JsonPart> Elements(string name) => JsonParts.Elements(File, Part(name));

    public JsonSection Section(string name) => new(File, Part(name), What);

    /// <summary>The sections that an array holds.</summary>
    public IEnumerable<JsonPart> Steps(string name) => Elements(name).Select(step => step with { Name = What });

    /// <summary>An error at the section itself.</summary>
    public DatasetException Error(string code, string message) => File.ErrorAt(_part.Start, code, message);

    /// <summary>An error at one of its members.</summary>
    public DatasetException Error(string name, string code, string message) => File.ErrorAt(Part(name).Start, code, message);
}
