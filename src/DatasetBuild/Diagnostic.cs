namespace DatasetBuild;

/// <summary>How much a <see cref="Diagnostic"/> matters to the build.</summary>
public enum Severity
{
    Message,
    Warning,
    Error,
}

/// <summary>
/// One thing to tell the user: what happened, where, and what to do. <paramref name="File"/> is the path as the user wrote it;
/// <paramref name="Line"/> and <paramref name="Column"/> count from 1, and 0 means "the whole file". Columns count characters
/// (Unicode code points), not bytes. Codes: DSB1xxx data, DSB2xxx project, DSB3xxx model and tokenizer, DSB4xxx cache,
/// DSB5xxx executor, DSB9xxx internal; a code is never reused.
/// </summary>
public sealed record Diagnostic(Severity Severity, string Code, string Message, string? File = null, int Line = 0, int Column = 0)
{
    public override string ToString()
    {
        var place = File is null ? "" : Line == 0 ? $"{File}: " : $"{File}({Line},{Column}): ";
        return $"{place}{Severity.ToString().ToLowerInvariant()} {Code}: {Message}";
    }
}

/// <summary>A failure that ends the build, carrying all that the user needs to mend it.</summary>
public sealed class DatasetException(Diagnostic diagnostic, Exception? inner = null) : Exception(diagnostic.ToString(), inner)
{
    public DatasetException(string code, string message, string? file = null, int line = 0, int column = 0, Exception? inner = null)
        : this(new Diagnostic(Severity.Error, code, message, file, line, column), inner)
    {
    }

    public Diagnostic Diagnostic { get; } = diagnostic;
}
