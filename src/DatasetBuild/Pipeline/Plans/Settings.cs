using System.Globalization;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What to do with a record that cannot be read.</summary>
public enum OnInvalidRecord
{
    Error,
    Quarantine,
}

/// <summary>How records are written.</summary>
public enum OutputSchema
{
    Source,
    Messages,
    PromptCompletion,
}

/// <summary>How records are spread over output files.</summary>
public enum OutputOrder
{
    /// <summary>By a hash of their keys, so that one changed record changes one file.</summary>
    Hash,

    /// <summary>Contiguous runs in canonical order.</summary>
    Source,
}

/// <summary>The project's properties, read by type. Every one has its default here.</summary>
public sealed class Settings
{
    /// <summary>Two splits of so many files can still be told apart by 16 bits a record.</summary>
    private const int MaxOutputShards = 32_767;

    /// <summary>The runtime alone takes more: whoever writes less has forgotten the unit.</summary>
    private const long LeastMemory = 16_000_000;

    private static readonly string[] Later = ["DatasetDevice"];

    /// <param name="plan">The evaluated project.</param>
    /// <param name="report">Hears of every mistake but the last one: nobody wants to build again for each.</param>
    /// <exception cref="DatasetException">A value cannot be used.</exception>
    public Settings(Plan plan, Action<Diagnostic>? report = null)
    {
        var mistakes = new List<DatasetException>();
        var properties = new Parameters("The project", plan.Properties, name => ItemLocation.Property(plan.Project, name)) { Mistakes = mistakes };
        Unused = [.. Later.Where(properties.Has)];
        OnInvalidRecord = properties.Enum("DatasetOnInvalidRecord", OnInvalidRecord.Error);
        Schema = properties.Has("DatasetOutputSchema") ? properties.Enum("DatasetOutputSchema", OutputSchema.Source) : null;
        Order = properties.Enum("DatasetOutputOrder", OutputOrder.Hash);
        OutputShards = properties.Has("DatasetOutputShards") ? properties.Integer("DatasetOutputShards", 1, 1, MaxOutputShards) : null;
        MaxRecordBytes = properties.Integer("DatasetMaxRecordBytes", 64 << 20, 1, 1 << 30);
        Threads = properties.Integer("DatasetThreads", Environment.ProcessorCount, 1, 1024);
        MemoryLimit = ReadBytes(properties, "DatasetMemoryLimit");
        Tokenizer = properties.OptionalText("DatasetTokenizer");
        ChatTemplate = properties.OptionalText("DatasetChatTemplate");
        MaxLength = properties.Has("DatasetMaxLength") ? properties.Integer("DatasetMaxLength", 1, 1, int.MaxValue) : null;
        Date = ReadDate(properties, "DatasetDate");
        VerifyInputs = ReadBoolean(properties, "DatasetVerifyInputs");
        Name = properties.OptionalName("DatasetName") ?? plan.ProjectName;
        License = properties.OptionalName("DatasetLicense") ?? "other";
        ValidationSeed = properties.Integer("DatasetValidationSeed", 0, int.MinValue, int.MaxValue);
        ValidationSplit = ReadSplit(properties, "DatasetValidationSplit");
        if (mistakes.Count > 0)
        {
            mistakes.SkipLast(1).ToList().ForEach(mistake => report?.Invoke(mistake.Diagnostic));
            throw mistakes[^1];
        }
    }

    /// <summary>Properties that the project sets and that nothing in this version looks at.</summary>
    public IReadOnlyList<string> Unused { get; }

    public OnInvalidRecord OnInvalidRecord { get; }

    /// <summary>Null where it follows from the data.</summary>
    public OutputSchema? Schema { get; }

    public OutputOrder Order { get; }

    /// <summary>Null where it follows from the selected bytes.</summary>
    public int? OutputShards { get; }

    public int MaxRecordBytes { get; }

    public int Threads { get; }

    /// <summary>So many bytes the build is to make do with, as far as a stage can choose; null: it takes what is fastest.</summary>
    public long? MemoryLimit { get; }

    public string? Tokenizer { get; }

    /// <summary>The chat template of stages that name none: a built-in one by its name, a file, or a folder.</summary>
    public string? ChatTemplate { get; }

    /// <summary>The greatest number of tokens that training will take of a conversation, or null.</summary>
    public int? MaxLength { get; }

    /// <summary>The day that a template's <c>strftime_now</c> formats, as <c>yyyy-MM-dd</c>, or null.</summary>
    public string? Date { get; }

    /// <summary>Read all inputs again, whatever their stamps say.</summary>
    public bool VerifyInputs { get; }

    public string Name { get; }

    public string License { get; }

    /// <summary>The share of clusters that go to the validation split, or null for none.</summary>
    public Share? ValidationSplit { get; }

    /// <summary>Another seed holds out others.</summary>
    public int ValidationSeed { get; }

    /// <summary>Reads <c>400MB</c>, <c>8 GB</c> or a number of bytes.</summary>
    private static long? ReadBytes(Parameters properties, string name)
    {
        if (properties.OptionalText(name) is not { } text)
        {
            return null;
        }

        foreach (var (unit, bytes) in (ReadOnlySpan<(string, long)>)[("KB", 1_000L), ("MB", 1_000_000L), ("GB", 1_000_000_000L), ("KIB", 1L << 10), ("MIB", 1L << 20), ("GIB", 1L << 30), ("", 1L)])
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var number)
                && number < 1_000_000_000_000 && number * bytes >= LeastMemory)
            {
                return (long)(number * bytes);
            }
        }

        return properties.Refuse<long?>(name, text, "It is a number of bytes with a unit, such as 400MB or 8GB, and at least 16MB.");
    }

    private static string? ReadDate(Parameters properties, string name) =>
        properties.OptionalText(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? text
        : properties.Refuse<string>(name, text, "It is a day as in 2026-01-31.");

    private static bool ReadBoolean(Parameters properties, string name) =>
        properties.OptionalText(name) is { } text && (bool.TryParse(text, out var value) ? value : properties.Refuse<bool>(name, text, "It is true or false."));

    private static Share? ReadSplit(Parameters properties, string name) =>
        properties.OptionalText(name) is not { } text ? null
        : Share.TryParse(text, out var share) && share.Fraction is > 0 and < 1 ? share
        : properties.Refuse<Share?>(name, text, "It is a share above 0% and below 100%, such as 5%. To hold out nothing, leave it out.");
}
