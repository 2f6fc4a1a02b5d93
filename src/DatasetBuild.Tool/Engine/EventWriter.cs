using System.Buffers;
using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;

namespace DatasetBuild.Tool.Engine;

/// <summary>Says what a build does as JSON lines; see PLAN.md for their form.</summary>
internal sealed class EventWriter(Stream output) : IBuildObserver, IDisposable
{
    private readonly Lock gate = new();
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly ProgressClock progress = new();

    public void Report(Diagnostic diagnostic) => Write("diagnostic", json =>
    {
        json.WriteString("severity", diagnostic.Severity.ToString().ToLowerInvariant());
        json.WriteString("code", diagnostic.Code);
        json.WriteString("message", diagnostic.Message);
        json.WriteString("file", diagnostic.File ?? "");
        json.WriteNumber("line", diagnostic.Line);
        json.WriteNumber("column", diagnostic.Column);
    });

    public void Progress(string step, long done, long total, long cached, long tokens = 0)
    {
        if (progress.Next(step, done, total, cached, tokens) is not { } tick)
        {
            return;
        }

        Write("progress", json =>
        {
            json.WriteString("stage", step);
            json.WriteNumber("done", done);
            json.WriteNumber("total", total);
            json.WriteNumber("cached", cached);
            json.WriteNumber("rate", Math.Round(tick.Rate, tick.Rate < 10 ? 3 : 1));
            json.WriteNumber("tokenRate", Math.Round(tick.TokenRate, 1));
            json.WriteNumber("secondsLeft", Math.Round(tick.SecondsLeft, 1));
        });
    }

    public void StageDone(StageSummary stage) => Write("stage", stage.WriteTo);

    public void Table(BuildResult result) => Write("table", json => json.WriteString("text", StageTable.Render(result.Stages)));

    /// <param name="result">What became of the build.</param>
    /// <param name="planPath">What was built; null where that is not on the disk.</param>
    public void Result(BuildResult result, string? planPath) => Write("result", json =>
    {
        json.WriteBoolean("upToDate", result.UpToDate);
        json.WriteNumber("kept", result.Kept);
        json.WriteNumber("records", result.Records);
        WriteList(json, "outputs", result.Outputs);
        WriteList(json, "reports", result.Reports);
        json.WriteString("manifest", result.Manifest);
        if (planPath is not null)
        {
            json.WriteString("plan", planPath);
        }
    });

    public void Stale(Staleness staleness) => Write("stale", staleness.WriteTo);

    public void Dispose() => output.Dispose();

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> paths)
    {
        json.WriteStartArray(name);
        foreach (var path in paths)
        {
            json.WriteStringValue(path);
        }

        json.WriteEndArray();
    }

    private void Write(string name, Action<Utf8JsonWriter> body)
    {
        lock (gate)
        {
            line.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(line))
            {
                json.WriteStartObject();
                json.WriteString("event", name);
                body(json);
                json.WriteEndObject();
            }

            line.Write("\n"u8);
            try
            {
                output.Write(line.WrittenSpan);
                output.Flush();
            }
            catch (IOException)
            {
                // Nobody listens any more; the input's end says the same and stops the build in order.
            }
        }
    }
}
