using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Scoring;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary>What surrounds every command: the screen, Ctrl-C, and how a failure is told and counted.</summary>
internal static class Invocation
{
    public static readonly Option<Verbosity?> VerbosityOption = new("--verbosity", "-v")
    {
        Description = "How much is said besides the answer: quiet, minimal, normal (the default), detailed or diagnostic.",
        HelpName = "LEVEL",
        CustomParser = Levels.Parse,
        CompletionSources = { "quiet", "minimal", "normal", "detailed", "diagnostic" },
    };

    public const string JsonName = "--json";

    public static Option<bool> JsonOption(string form) => new(JsonName) { Description = $"Writes {form} to standard output." };

    /// <summary>Gives <paramref name="command"/> the common options and runs <paramref name="body"/> for it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="body">Does the work and returns the exit code.</param>
    /// <param name="stopped">What is left of the work when Ctrl-C ends it.</param>
    public static Command Running(this Command command, Func<ParseResult, Screen, StopRequest, int> body, string stopped = "What was scored is kept.")
    {
        command.Options.Add(VerbosityOption);
        command.SetAction(parsed => Run(parsed, body, stopped));
        return command;
    }

    private static int Run(ParseResult parsed, Func<ParseResult, Screen, StopRequest, int> body, string stopped)
    {
        using var screen = new Screen(parsed.GetValue(VerbosityOption) ?? Verbosity.Normal);
        var exit = Run(parsed, body, stopped, screen);
        if (exit != ExitCodes.Done && !Json.HasBegun && WantsJson(parsed))
        {
            TryAnswer(exit, screen);
        }

        return exit;
    }

    private static void TryAnswer(int exit, Screen screen)
    {
        try
        {
            FailureJson.Write(exit, screen.Errors);
        }
        catch (IOException)
        {
            // Nobody reads it; the exit code says the same.
        }
    }

    private static bool WantsJson(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == JsonName) is Option<bool> json && parsed.GetValue(json);

    private static int Run(ParseResult parsed, Func<ParseResult, Screen, StopRequest, int> body, string stopped, Screen screen)
    {
        using var stop = new StopRequest();
        try
        {
            return body(parsed, screen, stop);
        }
        catch (UsageException mistake)
        {
            screen.Fail(mistake.Message, ProjectCodes.CommandLine);
            return ExitCodes.Mistake;
        }
        catch (MSBuildFailedException failure)
        {
            screen.Relay(failure.Message);
            return failure.IsMistake ? ExitCodes.Mistake : ExitCodes.Failed;
        }
        catch (DatasetException failure)
        {
            screen.Report(failure.Diagnostic);
            screen.Detail(failure);
            return failure.Diagnostic.Code == PassCodes.TimeIsUp ? ExitCodes.Interrupted
                : failure.Diagnostic.Code.StartsWith("DSB2", StringComparison.Ordinal) ? ExitCodes.Mistake
                : ExitCodes.Failed;
        }
        catch (BuildFailedException)
        {
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            screen.Say($"Stopped. {stopped}");
            return ExitCodes.Interrupted;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            screen.Fail(error.Message);
            screen.Detail(error);
            return ExitCodes.Failed;
        }
        catch (Exception error)
        {
            screen.Report(new Diagnostic(Severity.Error, ProjectCodes.Internal, $"the tool failed in a way that it should not. Please report this, with the text: {error}"));
            return ExitCodes.Failed;
        }
    }
}
