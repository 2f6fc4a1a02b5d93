using System.Text.Json;
using System.Text.RegularExpressions;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Projects;

/// <summary>Has the project evaluated and its plan written: whatever the project says in MSBuild's language holds for the tool too.</summary>
internal static partial class MSBuild
{
    // Writes a plan that nobody else reads; the plan that is built stays as it is.
    private const string Query = "_WriteDatasetQuery";

    /// <summary>Has a plan written. No project that this one references is built: the plan is made from what they were built to last.</summary>
    /// <exception cref="MSBuildFailedException">The project cannot be evaluated, or a dataset that it takes in was never built.</exception>
    public static WrittenPlan WritePlan(ProjectRequest request, RememberedPlan.Watch watch, Screen screen, StopRequest stop)
    {
        var result = Path.Combine(Path.GetTempPath(), $"dataset-{Guid.NewGuid():N}.json");
        var errors = Path.ChangeExtension(result, ".log");
        var evaluations = Path.ChangeExtension(result, ".evaluations.json");
        try
        {
            var (exit, text) = DotNet.Run(Arguments(request, result, errors, evaluations, screen.Verbosity), [("MSBUILDLOGIMPORTS", "1")], stop);
            stop.Token.ThrowIfCancellationRequested();
            if (exit != 0 && !HasSucceeded(result, errors))
            {
                // The console's text ends with a summary that says less than it seems; the log has the errors and nothing else.
                text = File.Exists(errors) && File.ReadAllText(errors) is { Length: > 0 } logged && screen.Verbosity < Verbosity.Detailed ? logged : text;
                var isNoDataset = text.Contains("MSB4057", StringComparison.Ordinal);
                var hint = isNoDataset ? "\nThe project does not use DatasetBuild, or another version of it than this tool." : "";
                throw new MSBuildFailedException(text + hint, IsMistake(text)) { IsNoDataset = isNoDataset };
            }

            screen.Say(text.TrimEnd(), Verbosity.Detailed);
            var plan = ReadResult(result) ?? throw new MSBuildFailedException("MSBuild did not say where the plan is.", isMistake: false);
            if (File.Exists(plan.Path) && watch.Keep(evaluations, File.ReadAllBytes(plan.Path)) is { } reason)
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

    /// <summary>
    /// Whether MSBuild wrote all that it was asked for, and no error: on a busy machine the client of its server can lose how a build ended, and then ends with 1
    /// itself (dotnet/msbuild#14172).
    /// </summary>
    private static bool HasSucceeded(string result, string errors)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(result));
            return TargetResult(document).GetProperty("Result").ValueEquals("Success") && new FileInfo(errors) is { Exists: true, Length: 0 };
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static JsonElement TargetResult(JsonDocument document) => document.RootElement.GetProperty("TargetResults").GetProperty(Query);

    private static WrittenPlan? ReadResult(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return TargetResult(document).GetProperty("Items") is { } items && items.GetArrayLength() == 1
            ? new WrittenPlan(
                items[0].GetProperty("Identity").GetString()!,
                items[0].TryGetProperty("StaleReferences", out var stale) ? stale.GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
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

/// <summary>A plan that was written for a question.</summary>
/// <param name="Path">Its full path; the caller's to delete.</param>
/// <param name="StaleReferences">The project files of datasets that this one takes in and that a build would build anew.</param>
internal sealed record WrittenPlan(string Path, IReadOnlyList<string> StaleReferences);

/// <summary>MSBuild's own words on why there is no plan.</summary>
internal sealed class MSBuildFailedException(string text, bool isMistake) : Exception(text)
{
    public bool IsMistake { get; } = isMistake;

    /// <summary>Whether the project was read, and has no dataset as far as it was restored.</summary>
    public bool IsNoDataset { get; init; }
}
