using System.Text.Json;

namespace DatasetBuild.LanguageModels.Loading;

/// <summary>
/// Keys of a <c>config.json</c>. A key that is missing has the default of its model type; one that is null is null, which is not the same.
/// </summary>
internal sealed class ModelConfig
{
    private const long MaxSize = 64L << 20;

    private readonly JsonElement json;
    private readonly string prefix;

    private ModelConfig(JsonElement json, string file, string prefix)
    {
        this.json = json;
        this.prefix = prefix;
        File = file;
    }

    public string File { get; }

    public IEnumerable<string> Keys => json.EnumerateObject().Select(member => member.Name);

    /// <exception cref="DatasetException">It is no JSON object (DSB3051).</exception>
    public static ModelConfig Read(string file)
    {
        try
        {
            return System.IO.File.Exists(file) && new FileInfo(file).Length > MaxSize
                ? throw new DatasetException(ModelCodes.InvalidConfig, "it is larger than any configuration can be", file)
                : Parse(System.IO.File.ReadAllBytes(file), file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException(ModelCodes.NoModel, "there is no model: a model is a folder with config.json and *.safetensors, as save_pretrained writes it", file, inner: error);
        }
    }

    public static ModelConfig Parse(ReadOnlySpan<byte> bytes, string file)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes.StartsWith("\ufeff"u8) ? bytes[3..] : bytes, new JsonReaderOptions { AllowMultipleValues = false, MaxDepth = 64 });
            var root = JsonElement.ParseValue(ref reader);
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new JsonException("it is no object");
            }

            while (reader.Read())
            {
            }

            return new ModelConfig(root, file, "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new DatasetException(ModelCodes.InvalidConfig, $"it cannot be read: {error.Message}", file, inner: error);
        }
    }

    public bool Has(string key) => json.TryGetProperty(key, out _);

    /// <summary>Whether the key is there and not null.</summary>
    public bool Holds(string key) => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>What stands under a key, as its own configuration; null where there is none.</summary>
    public ModelConfig? Section(string key) =>
        !Holds(key) ? null
        : json.GetProperty(key) is { ValueKind: JsonValueKind.Object } section ? new ModelConfig(section, File, $"{prefix}{key}.")
        : throw Wrong(key, "an object");

    public int? IntOrNull(string key, int? missing) =>
        !json.TryGetProperty(key, out var value) ? missing
        : value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && TryWhole(value, out var number) ? number
        : throw Wrong(key, "a whole number");

    /// <summary>A whole number from 1 on.</summary>
    public int Count(string key, int? missing) => Positive(key, IntOrNull(key, missing));

    /// <summary>A whole number from 1 on, or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public int CountOr(string key, int otherwise) => Positive(key, IntOrNull(key, null) ?? otherwise);

    public double? NumberOrNull(string key, double? missing) =>
        !json.TryGetProperty(key, out var value) ? missing
        : value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw Wrong(key, "a number");

    public double Number(string key, double missing) => NumberOrNull(key, missing) ?? throw Wrong(key, "a number");

    public bool Flag(string key, bool missing) =>
        !json.TryGetProperty(key, out var value) ? missing
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : value.ValueKind == JsonValueKind.Null ? false
        : throw Wrong(key, "true or false");

    public string? TextOrNull(string key, string? missing) =>
        !json.TryGetProperty(key, out var value) ? missing
        : value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(key, value)
        : throw Wrong(key, "a text");

    /// <summary>A list of texts; null where the key is missing or null.</summary>
    public IReadOnlyList<string>? Texts(string key) =>
        Elements(key, "a list of texts")?.Select(item => item.ValueKind == JsonValueKind.String ? TextOf(key, item) : throw Wrong(key, "a list of texts")).ToList();

    /// <summary>A list of numbers; null where the key is missing or null.</summary>
    public IReadOnlyList<double>? Numbers(string key) =>
        Elements(key, "a list of numbers")?.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var number) && double.IsFinite(number)
            ? number : throw Wrong(key, "a list of numbers")).ToList();

    /// <summary>Whether the library that wrote the file is of version <paramref name="first"/> or later, and before <paramref name="end"/>.</summary>
    public bool WrittenBetween(string first, string end) =>
        Version.TryParse(TextOrNull("transformers_version", null)?.Split(".dev")[0], out var version) && version >= Version.Parse(first) && version < Version.Parse(end);

    public DatasetException Wrong(string key, string expected) => new(ModelCodes.InvalidConfig, $"'{prefix}{key}' is not {expected}", File);

    public DatasetException Impossible(string what) => new(ModelCodes.InvalidConfig, what, File);

    /// <summary>A key that changes what the model computes, in a way that is not built.</summary>
    public DatasetException Unsupported(string key, string? what = null) =>
        new(ModelCodes.UnsupportedKey, $"'{prefix}{key}'{(what is null ? "" : $": {what}")} changes what the model computes and is not supported", File);

    public string Raw(string key) => json.GetProperty(key).GetRawText();

    private List<JsonElement>? Elements(string key, string expected) =>
        !Holds(key) ? null
        : json.GetProperty(key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList()
        : throw Wrong(key, expected);

    private string TextOf(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(key, "valid UTF-8");
        }
    }

    private static bool TryWhole(JsonElement value, out int number)
    {
        if (value.TryGetInt32(out number))
        {
            return true;
        }

        // 2048.0, which some tools write.
        if (value.TryGetDouble(out var real) && Math.Floor(real) == real && Math.Abs(real) < int.MaxValue)
        {
            number = (int)real;
            return true;
        }

        return false;
    }

    private int Positive(string key, int? value) => value is > 0 ? value.Value : throw Wrong(key, "a whole number from 1 on");
}
