namespace DatasetBuild.Tool.Commands;

/// <summary>How the tool ends; scripts rely on these numbers.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>The command line or the project has to be mended.</summary>
    public const int Mistake = 2;

    /// <summary><c>status --check</c>: a build would have something to do.</summary>
    public const int Stale = 3;
    public const int Interrupted = 130;
}

/// <summary>The command line asks for something that cannot be; the message says what, and what to type instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
