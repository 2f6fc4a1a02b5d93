using System.Text.Json;
using System.Text.RegularExpressions;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Projects;

/// <summary>Has the project evaluated and its plan written: whatever the project says in MSBuild's language holds for the tool too.</summary>
internal static partial class MSBuild
{
    // Writes a plan that nobody else reads; the plan that is built stays as it is.
    private const string Query = "_WriteDatasetQuery";

    /// <summary>The full path of a plan, which is the caller's to delete.</summary>
    /// <exception cref="MSBuildFailedException">The project cannot be evaluated, or a project that it references cannot be built.</exception>
    public static string WritePlan(ProjectRequest request, RememberedPlan.Watch watch, Screen screen, StopRequest stop)
    {
        var result = Path.Combine(Path.GetTempPath(), $"dataset-{Guid.NewGuid():N}.json");
        var errors = Path.ChangeExtension(result, ".log");
        var evaluations = Path.ChangeExtension(result, ".evaluations.json");
        try
        {
            var (exit, text) = DotNet.Run(Arguments(request, result, errors, evaluations, screen.Verbosity), [("MSBUILDLOGIMPORTS", "1")], stop);
            stop.Token.ThrowIfCancellationRequested();
            if (exit != 0)
            {
                // The console's text ends with a summary that says less than it seems; the log has the errors and nothing else.
                text = File.Exists(errors) && File.ReadAllText(errors) is { Length: > 0 } logged && screen.Verbosity < Verbosity.Detailed ? logged : text;
                var hint = text.Contains("MSB4057", StringComparison.Ordinal) ? "\nThe project does not use DatasetBuild, or another version of it than this tool." : "";
                throw new MSBuildFailedException(text + hint, IsMistake(text));
            }

            screen.Say(text.TrimEnd(), Verbosity.Detailed);
            var plan = ReadResult(result) ?? throw new MSBuildFailedException("MSBuild did not say where the plan is.", isMistake: false);
            if (File.Exists(plan) && watch.Keep(evaluations, File.ReadAllBytes(plan)) is { } reason)
            {
                screen.Say($"MSBuild has to be asked each time: {reason}.", Verbosity.Detailed);
            }

            return plan;
        }
        finally
        {
            File.Delete(result);
            File.Delete(errors);
            File.Delete(evaluations);
        }
    }

    private static List<string> Arguments(ProjectRequest request, string result, string errors, string evaluations, Verbosity verbosity)
    {
        List<string> arguments =
        [
            "build", request.File, "-nologo", "-tl:off", $"-target:{Query}", $"-getTargetResult:{Query}", $"-getResultOutputFile:{result}",
            $"-fileLoggerParameters:LogFile={errors};Verbosity=quiet;NoSummary",
            $"-logger:DatasetBuild.Tasks.EvaluationLogger,\"{Path.Combine(AppContext.BaseDirectory, "DatasetBuild.Tasks.dll")}\";{evaluations}",
            verbosity switch { Verbosity.Diagnostic => "-verbosity:normal", Verbosity.Detailed => "-verbosity:minimal", _ => "-verbosity:quiet" },
        ];
        arguments.AddRange(request.BuildArguments);
        return arguments;
    }

    private static string? ReadResult(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.GetProperty("TargetResults").GetProperty(Query).GetProperty("Items") is { } items && items.GetArrayLength() == 1
            ? items[0].GetProperty("Identity").GetString()
            : null;
    }

    /// <summary>The errors in a text; all of it where it names none.</summary>
    public static string ErrorsIn(string text) =>
        text.Split('\n').Where(line => Error().IsMatch(line)).ToList() is { Count: > 0 } errors ? string.Join('\n', errors) : text;

    // The text is for people and relayed as it is; only whose fault it was is read off it, by codes that do not change.
    public static bool IsMistake(string text) => MistakeCode().IsMatch(text);

    [GeneratedRegex(@"\berror (DSB2\d{3}|MSB4\d{3}|MSB1\d{3}|NETSDK\d{4})\b")]
    private static partial Regex MistakeCode();

    [GeneratedRegex(@"\berror [A-Z]+\d+\b")]
    private static partial Regex Error();
}

/// <summary>MSBuild's own words on why there is no plan.</summary>
internal sealed class MSBuildFailedException(string text, bool isMistake) : Exception(text)
{
    public bool IsMistake { get; } = isMistake;
}
