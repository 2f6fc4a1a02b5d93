using System.Globalization;
using System.Text.Json;
using DatasetBuild.Reporting;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>
/// Turns the engine's lines into log messages, at the importance that a reader of build logs expects. What they quote comes from data: a logger may write to
/// a terminal, so nothing goes on that a terminal would obey, and no line break that would make one message look like two.
/// </summary>
internal sealed class EngineEvents(TaskLoggingHelper log, string project, string outputPath, string helpPage, TimeProvider clock)
{
    /// <summary>Marks what the engine said, word for word, for loggers that show more than text.</summary>
    public const string EngineLine = "DSBP01";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    private readonly string helpAddress = helpPage.Length > 0 ? new Uri(helpPage).AbsoluteUri : "";
    private long lastSign = clock.GetTimestamp();
    private string table = "";

    public EngineResult? Result { get; private set; }

    public EngineStaleness? Staleness { get; private set; }

    public bool HasErrors { get; private set; }

    /// <summary>Whether the engine has said anything at all.</summary>
    public bool HasHeard { get; private set; }

    public void Relay(string line)
    {
        HasHeard = true;
        if (line.Length == 0)
        {
            return;
        }

        try
        {
            using var json = JsonDocument.Parse(line);
            Relay(json.RootElement, line);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // A library may print where it should not, even half a surrogate pair: worth a look in a detailed log, never worth a build.
            log.LogMessage(MessageImportance.Normal, "{0}", Visible.Of(line));
        }
    }

    /// <summary>Ends the relay: says what is left to say, and makes sure that a failure never goes without an error.</summary>
    /// <param name="exit">How the engine ended.</param>
    /// <param name="failIfStale">Whether a subset that is not up to date is an error.</param>
    public void Finish(EngineExit exit, bool failIfStale)
    {
        if (exit.Code != 0 && !HasErrors)
        {
            Crash($"The dataset engine ended with exit code {exit.Code} and did not say why.", exit);
        }
        else if (exit.Code == 0 && Result is null && Staleness is null && !HasErrors)
        {
            Crash("The dataset engine ended without a result.", exit);
        }

        if (Staleness is not null && failIfStale)
        {
            HasErrors = true;
            log.LogError(null, "DSB2020", null, Help("DSB2020"), project, 0, 0, 0, 0, "{0}",
                $"the dataset is not up to date: {Visible.Of(Staleness.Text)}. A build without -question brings it up to date.");
        }

        if (Result is null && table.Length > 0)
        {
            log.LogMessage(MessageImportance.High, "{0}", table);
        }
        else if (Result is not null)
        {
            // The table hangs on the line that names the output, because the terminal logger shows no other message of importance High.
            var name = Path.GetFileNameWithoutExtension(project);
            var state = Result.UpToDate ? ", up to date" : "";
            var summary = $"{Visible.Of(name)} -> {Visible.Of(outputPath)} (kept {Count(Result.Kept)} of {Count(Result.Records)}{state})";
            log.LogMessage(MessageImportance.High, "{0}", table.Length > 0 ? $"{summary}\n{table}" : summary);
        }
    }

    private void Relay(JsonElement json, string line)
    {
        switch (json.ValueKind == JsonValueKind.Object ? json.Text("event") : "")
        {
            case "diagnostic":
                Diagnose(json);
                break;
            case "progress":
                PassOn(line);
                ReportProgress(json);
                break;
            case "stage":
                PassOn(line);
                log.LogMessage(MessageImportance.Normal, "{0}",
                    $"{Visible.Of(json.Text("name"))}: entered {Count(json, "entered")}, kept {Count(json, "kept")}, dropped {Count(json, "dropped")}, " +
                    $"missing {Count(json, "missing")}, scored {Count(json, "scored")}, cached {Count(json, "cached")}");
                break;
            case "table":
                table = Indent(json.Text("text"));
                break;
            case "result":
                PassOn(line);
                Result = EngineResult.From(json);
                break;
            case "stale":
                Staleness = EngineStaleness.From(json);
                break;
            default:
                log.LogMessage(MessageImportance.Low, "{0}", Visible.Of(line));
                break;
        }
    }

    private void Diagnose(JsonElement json)
    {
        var code = json.Text("code");
        var message = IsCrash(code) ? Visible.Lines(json.Text("message")) : Visible.Of(json.Text("message"));
        var (file, line, column) = (Visible.Of(json.Text("file")), (int)json.Number("line"), (int)json.Number("column"));
        if (file.Length == 0)
        {
            file = project; // otherwise MSBuild would name our target file, which the user did not write
        }

        var help = Help(code);
        switch (json.Text("severity"))
        {
            case "error":
                HasErrors = true;
                log.LogError(null, code, null, help, file, line, column, 0, 0, "{0}", message);
                break;
            case "warning":
                log.LogWarning(null, code, null, help, file, line, column, 0, 0, "{0}", message);
                break;
            default:
                log.LogMessage(null, code, null, file, line, column, 0, 0, MessageImportance.Normal, "{0}", message);
                break;
        }
    }

    /// <summary>Whether the text is a report about the engine itself, with a stack trace.</summary>
    private static bool IsCrash(string code) => code.StartsWith("DSB9", StringComparison.Ordinal);

    private string? Help(string code) => helpAddress.Length > 0 ? $"{helpAddress}#{code.ToLowerInvariant()}" : null;

    // An ordinary message with a code: task hosts drop the event types that are made for structured data.
    private void PassOn(string line)
    {
        if (log.LogsMessagesOfImportance(MessageImportance.Low))
        {
            log.LogMessage(null, EngineLine, null, project, 0, 0, 0, 0, MessageImportance.Low, "{0}", line);
        }
    }

    private void ReportProgress(JsonElement json)
    {
        // A log without a terminal must not be silent for hours, and must not be filled with ticks either.
        if (clock.GetElapsedTime(lastSign) < Heartbeat)
        {
            return;
        }

        lastSign = clock.GetTimestamp();
        var left = TimeSpan.FromSeconds(Math.Clamp(json.Real("secondsLeft"), 0, int.MaxValue));
        log.LogMessage(MessageImportance.Normal, "{0}",
            $"{Visible.Of(json.Text("stage"))}: {Count(json, "done")} of {Count(json, "total")} records, {Count(json, "cached")} from the cache, " +
            string.Create(CultureInfo.InvariantCulture, $"{json.Real("rate"):N0} a second, {Tokens(json)}{TimeSpan.FromSeconds(Math.Round(left.TotalSeconds)):c} left"));
    }

    private static string Tokens(JsonElement json) =>
        json.Real("tokenRate") is > 0 and var rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:N0} tokens a second, ") : "";

    private void Crash(string what, EngineExit exit)
    {
        HasErrors = true;
        var details = exit switch
        {
            { LastErrorLines.Count: > 0 } => "Its last words:\n" + string.Join('\n', exit.LastErrorLines.Select(Visible.Of)),
            { Code: EngineExit.Killed } => "It was killed: often the system does that when memory runs out. What was scored until then is kept.",
            { Code: EngineExit.Interrupted } => "It was interrupted from outside this build. What was scored until then is kept.",
            _ => "It left no message on standard error.",
        };
        log.LogError(null, "DSB9001", null, project, 0, 0, 0, 0, "{0}", exit is { Advice.Length: > 0, Code: not (EngineExit.Killed or EngineExit.Interrupted) } ? $"{what} {details} {exit.Advice}" : $"{what} {details}");
    }

    private static string Indent(string text) => string.Join('\n', Visible.Lines(text.TrimEnd()).Split('\n').Select(line => "  " + line));

    private static string Count(JsonElement json, string name) => Count(json.Number(name));

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
