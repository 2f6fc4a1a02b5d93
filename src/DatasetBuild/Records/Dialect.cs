namespace DatasetBuild.Records;

/// <summary>The published shapes in which people keep conversations.</summary>
public enum Dialect : byte
{
    /// <summary><c>{"messages":[{"role","content"}…]}</c>, content a string or typed parts.</summary>
    Messages,

    /// <summary><c>{"conversations":[{"from","value"}…]}</c>.</summary>
    ShareGpt,

    /// <summary><c>{"instruction","input","output"}</c>, also with <c>response</c>, <c>system</c> and <c>history</c>.</summary>
    Alpaca,

    /// <summary><c>{"prompt","completion"}</c>, each a string or a list of messages.</summary>
    PromptCompletion,

    /// <summary><c>{"question","answer"}</c>.</summary>
    QuestionAnswer,

    /// <summary><c>{"instruction","instances":[{"input","output"}…]}</c>: one record an instance.</summary>
    SelfInstruct,

    /// <summary><c>{"text"}</c>: a document without prompt or response.</summary>
    Text,
}

/// <summary>
/// How the records of a shard are to be read, where the user says so: a dialect that wins over detection, and names of fields.
/// A declared name takes the place of the usual names of its role.
/// </summary>
public sealed record ShapeOptions(
    Dialect? Dialect = null,
    string? PromptField = null,
    string? ResponseField = null,
    string? SystemField = null,
    string? MessagesField = null,
    string? TextField = null)
{
    public static ShapeOptions Detect { get; } = new();

    /// <summary>The fields without which a record has no reading, where they are declared, each with the name of its option.</summary>
    internal IEnumerable<(string Name, string Field)> DeclaredFields =>
        from option in new (string Name, string? Field)[] { (nameof(PromptField), PromptField), (nameof(ResponseField), ResponseField), (nameof(MessagesField), MessagesField), (nameof(TextField), TextField) }
        where option.Field is not null
        select (option.Name, option.Field);

    /// <summary>What of these options can change a reading, as text: part of the key of everything derived from a shard.</summary>
    public string Identity =>
        $"dialect={Dialect?.ToString() ?? "detect"}\nprompt={PromptField}\nresponse={ResponseField}\nsystem={SystemField}\nmessages={MessagesField}\ntext={TextField}\n";
}
