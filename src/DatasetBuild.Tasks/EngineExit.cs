namespace DatasetBuild.Tasks;

/// <summary>How the engine ended, and the last lines of its standard error, which it uses for crashes only.</summary>
internal sealed record EngineExit(int Code, IReadOnlyList<string> LastErrorLines)
{
    /// <summary>The engine stopped on request, after it saved the scores that were done.</summary>
    public const int Interrupted = 130;

    /// <summary>What Unix makes of signal 9.</summary>
    public const int Killed = 137;

    /// <summary>What may help against a crash of this kind of engine; empty: nothing.</summary>
    public string Advice { get; init; } = "";

    /// <summary>How a system's loader ends a program for which it misses something, such as a C library that is new enough; it says so in words, and the program nothing.</summary>
    public bool IsOfLoader => Code is 1 or 127 && LastErrorLines.Count > 0;
}

internal sealed class EngineStartException(string message, Exception inner) : Exception(message, inner);
