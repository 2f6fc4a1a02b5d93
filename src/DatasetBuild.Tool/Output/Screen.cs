using System.Collections.Concurrent;
using System.Text;
using DatasetBuild.Reporting;
using Spectre.Console;

namespace DatasetBuild.Tool.Output;

/// <summary>
/// Where a command writes: answers to standard output, everything else to standard error. Colours and moving text appear only in a terminal
/// whose user wants them.
/// </summary>
internal sealed class Screen : IDisposable
{
    // Nothing wraps a line in a file or a pipe.
    private const int EndlessWidth = 1 << 20;

    private readonly Lazy<IAnsiConsole> output;
    private readonly Lazy<IAnsiConsole> error;
    private readonly Lazy<StreamWriter> data;
    private readonly ConcurrentQueue<Diagnostic> errors = [];

    public Screen(Verbosity verbosity)
    {
        Verbosity = verbosity;
        output = new Lazy<IAnsiConsole>(() => Open(Console.Out, Console.IsOutputRedirected));
        error = new Lazy<IAnsiConsole>(() => Open(Console.Error, Console.IsErrorRedirected));
        data = new Lazy<StreamWriter>(() => new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 15));
    }

    public Verbosity Verbosity { get; }

    /// <summary>Standard output, for tables.</summary>
    public IAnsiConsole Output => output.Value;

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error => error.Value;

    /// <summary>Standard output, for rows that a program will read.</summary>
    public TextWriter Data => data.Value;

    /// <summary>Every error that was told so far.</summary>
    public IReadOnlyCollection<Diagnostic> Errors => errors;

    public static bool OutputIsTerminal => !Console.IsOutputRedirected;

    /// <summary>Whether progress may move about on standard error.</summary>
    public bool IsLive => Verbosity >= Verbosity.Minimal && !IsPlain(Console.IsErrorRedirected);

    /// <summary>Tells a person something that is no error.</summary>
    public void Say(string text, Verbosity from = Verbosity.Normal)
    {
        if (Verbosity >= from && text.Length > 0)
        {
            Error.Line(text);
        }
    }

    /// <summary>Passes on what another program said, line by line as it is.</summary>
    public void Relay(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal))
        {
            Error.Line(line);
            errors.Enqueue(RelayedLine.Parse(line));
        }
    }

    /// <param name="text">What went wrong, for people.</param>
    /// <param name="code">What programs know it by.</param>
    public void Fail(string text, string code = "")
    {
        errors.Enqueue(new Diagnostic(Severity.Error, code, text));
        Write(Error, "error", "red", text);
    }

    public void Report(Diagnostic diagnostic)
    {
        var (level, color, from) = diagnostic.Severity switch
        {
            Severity.Error => ("error", "red", Verbosity.Quiet),
            Severity.Warning => ("warning", "yellow", Verbosity.Minimal),
            _ => ("message", "default", Verbosity.Normal),
        };
        if (diagnostic.Severity == Severity.Error)
        {
            errors.Enqueue(diagnostic);
        }

        if (Verbosity >= from)
        {
            Write(Error, $"{level} {diagnostic.Code}", color, Visible.Of(diagnostic.Message), Place(diagnostic));
        }
    }

    /// <summary>Writes a mistake in data that was asked for, which makes it an answer.</summary>
    public void Answer(Diagnostic diagnostic)
    {
        var (level, color) = diagnostic.Severity == Severity.Error ? ("error", "red") : ("warning", "yellow");
        Write(Output, $"{level} {diagnostic.Code}", color, Visible.Of(diagnostic.Message), Place(diagnostic));
    }

    /// <summary>All that is known of a failure, for whoever asked for it.</summary>
    public void Detail(Exception failure) => Say(failure.ToString(), Verbosity.Diagnostic);

    public void Dispose()
    {
        if (data.IsValueCreated)
        {
            data.Value.Dispose();
        }
    }

    private static void Write(IAnsiConsole console, string level, string color, string text, string place = "") =>
        console.StyledLine($"{Markup.Escape(place)}[{color}]{level}[/]: {Markup.Escape(text)}");

    private static string Place(Diagnostic diagnostic) => diagnostic.File switch
    {
        null or "" => "",
        var file when diagnostic.Line == 0 => $"{Visible.Of(Paths.Short(file))}: ",
        var file => $"{Visible.Of(Paths.Short(file))}({diagnostic.Line},{diagnostic.Column}): ",
    };

    private static bool IsPlain(bool redirected) =>
        redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb";

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var plain = IsPlain(redirected);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
        {
            console.Profile.Width = EndlessWidth;
        }

        return console;
    }
}
