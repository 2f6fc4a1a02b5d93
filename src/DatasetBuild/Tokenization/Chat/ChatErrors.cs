namespace DatasetBuild.Tokenization.Chat;

/// <summary>Codes of what can be wrong with a chat template. A code is never reused.</summary>
internal static class ChatErrors
{
    /// <summary>The file is missing or cannot be read.</summary>
    public const string Unreadable = "DSB3030";

    /// <summary>The file holds no template, or none with the name that is asked for.</summary>
    public const string NoTemplate = "DSB3031";

    /// <summary>The source is no template of the language.</summary>
    public const string Syntax = "DSB3032";

    /// <summary>The template asks for something that is refused.</summary>
    public const string Unsupported = "DSB3033";

    /// <summary>The template fails on a conversation.</summary>
    public const string Failed = "DSB3034";

    /// <summary>The template calls <c>raise_exception</c> on a conversation.</summary>
    public const string Refused = "DSB3035";

    /// <summary>The template takes more steps, or makes more text, than any of use.</summary>
    public const string TooMuchWork = "DSB3036";

    /// <summary>What is the assistant's cannot be told from the renderings of the first turns.</summary>
    public const string NoPrefix = "DSB3037";

    /// <summary>A conversation is too long, and that is declared to be an error.</summary>
    public const string TooLong = "DSB3038";
}
