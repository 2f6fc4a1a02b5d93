namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Why a template does not give a text.</summary>
internal enum JinjaFailure
{
    /// <summary>The source is no template of the language.</summary>
    Syntax,

    /// <summary>The source asks for something of the language that is refused.</summary>
    Unsupported,

    /// <summary>What Python would raise: an undefined value that is used, types that do not fit, and the like.</summary>
    Runtime,

    /// <summary>The template called <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>More steps, more text or deeper nesting than any template of use needs.</summary>
    Limit,
}

/// <summary>A template that does not give a text; <see cref="Line"/> counts from 1 and is 0 until a statement claims the failure.</summary>
internal sealed class JinjaError(JinjaFailure failure, string message, int line = 0) : Exception(message)
{
    public JinjaFailure Failure { get; } = failure;

    public int Line { get; set; } = line;

    public static JinjaError Runtime(string message) => new(JinjaFailure.Runtime, message);

    public static JinjaError Unsupported(string message, int line = 0) => new(JinjaFailure.Unsupported, message, line);

    public static JinjaError TypeOf(object? value, string what) => Runtime($"'{Values.TypeName(value)}' {what}");
}
