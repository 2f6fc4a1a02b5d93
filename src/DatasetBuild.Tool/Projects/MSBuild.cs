using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DatasetBuild.Tool.Commands;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Projects;

/// <summary>Has the project evaluated and its plan written: whatever the project says in MSBuild's language holds for the tool too.</summary>
internal static partial class MSBuild
{
    /// <summary>Writes the plan that is built.</summary>
    public const string Plan = "_WriteDatasetPlan";

    /// <summary>Writes a plan that nobody else reads; the plan that is built stays as it is.</summary>
    public const string Query = "_WriteDatasetQuery";

    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(5);

    /// <summary>The full path of the plan that <paramref name="target"/> writes.</summary>
    /// <exception cref="MSBuildFailedException">The project cannot be evaluated, or a project that it references cannot be built.</exception>
    public static string WritePlan(string target, ProjectRequest request, Screen screen, CancellationToken cancel)
    {
        var result = Path.Combine(Path.GetTempPath(), $"dataset-{Guid.NewGuid():N}.json");
        var errors = Path.ChangeExtension(result, ".log");
        try
        {
            var (exit, text) = Run(Arguments(target, request, result, errors, screen.Verbosity), cancel);
            cancel.ThrowIfCancellationRequested();
            if (exit != 0)
            {
                // The console's text ends with a summary that says less than it seems; the log has the errors and nothing else.
                text = File.Exists(errors) && File.ReadAllText(errors) is { Length: > 0 } logged && screen.Verbosity < Verbosity.Detailed ? logged : text;
                var hint = text.Contains("MSB4057", StringComparison.Ordinal) ? "\nThe project does not use DatasetBuild, or another version of it than this tool." : "";
                throw new MSBuildFailedException(text + hint, IsMistake(text));
            }

            screen.Say(text.TrimEnd(), Verbosity.Detailed);
            return ReadResult(target, result) ?? throw new MSBuildFailedException("MSBuild did not say where the plan is.", isMistake: false);
        }
        finally
        {
            File.Delete(result);
            File.Delete(errors);
        }
    }

    private static List<string> Arguments(string target, ProjectRequest request, string result, string errors, Verbosity verbosity)
    {
        List<string> arguments =
        [
            "build", request.File, "-nologo", "-tl:off", $"-target:{target}", $"-getTargetResult:{target}", $"-getResultOutputFile:{result}",
            $"-fileLoggerParameters:LogFile={errors};Verbosity=quiet;NoSummary",
            verbosity switch { Verbosity.Diagnostic => "-verbosity:normal", Verbosity.Detailed => "-verbosity:minimal", _ => "-verbosity:quiet" },
        ];
        if (request.Configuration is not null)
        {
            arguments.AddRange(["--configuration", request.Configuration]);
        }

        arguments.AddRange(request.Properties.Select(property => $"-property:{property}"));
        return arguments;
    }

    private static (int Exit, string Text) Run(IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Host(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

        // Both would end up in what the user has to read when something fails.
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        using var process = Process.Start(start) ?? throw new UsageException("`dotnet` cannot be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var stopping = new Stopwatch();
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(100)))
        {
            // A terminal sends Ctrl-C to MSBuild as well, and it stops in order if it gets the time.
            if (cancel.IsCancellationRequested && !stopping.IsRunning)
            {
                stopping.Start();
            }
            else if (stopping.Elapsed > TimeToStop)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    /// <summary>The <c>dotnet</c> that runs the tool, so that both see the same SDKs.</summary>
    private static string Host()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } declared)
        {
            return declared;
        }

        return Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
    }

    private static string? ReadResult(string target, string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.GetProperty("TargetResults").GetProperty(target).GetProperty("Items") is { } items && items.GetArrayLength() == 1
            ? items[0].GetProperty("Identity").GetString()
            : null;
    }

    // The text is for people and relayed as it is; only whose fault it was is read off it, by codes that do not change.
    private static bool IsMistake(string text) => MistakeCode().IsMatch(text);

    [GeneratedRegex(@"\berror (DSB2\d{3}|MSB4\d{3}|MSB1\d{3}|NETSDK\d{4})\b")]
    private static partial Regex MistakeCode();
}

/// <summary>MSBuild's own words on why there is no plan.</summary>
internal sealed class MSBuildFailedException(string text, bool isMistake) : Exception(text)
{
    public bool IsMistake { get; } = isMistake;
}
