using System.Diagnostics.CodeAnalysis;
using System.IO.Pipes;
using System.Text.Json;
using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks;

/// <summary>
/// Tells `dotnet dataset build` what happens in a build, as JSON lines through a named pipe: a logger may run in a process that has no
/// terminal, and a build's standard output belongs to everyone. Its parameter is the name of the pipe.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "MSBuild ends a logger by Shutdown.")]
public sealed class ToolLogger : ILogger
{
    private static readonly TimeSpan TimeToConnect = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(int Node, int Project), string> frameworks = [];
    private NamedPipeClientStream? pipe;

    public LoggerVerbosity Verbosity { get; set; }

    public string? Parameters { get; set; }

    public void Initialize(IEventSource eventSource)
    {
        ArgumentNullException.ThrowIfNull(eventSource);
        pipe = new NamedPipeClientStream(".", Parameters ?? throw new LoggerException("The name of a pipe is missing."), PipeDirection.Out);
        pipe.Connect(TimeToConnect);
        eventSource.ProjectStarted += Remember;
        eventSource.TargetStarted += (_, target) => Send(target, "target", json =>
        {
            json.WriteString("project", target.ProjectFile);
            json.WriteString("name", target.TargetName);
        });
        eventSource.BuildFinished += (_, build) => Send(build, "finished", json => json.WriteBoolean("succeeded", build.Succeeded));
        eventSource.MessageRaised += Relay;
        eventSource.WarningRaised += (_, warning) => Diagnose(
            warning, "warning", warning.Code, warning.File, warning.LineNumber, warning.ColumnNumber, warning.ProjectFile);
        eventSource.ErrorRaised += (_, error) => Diagnose(
            error, "error", error.Code, error.File, error.LineNumber, error.ColumnNumber, error.ProjectFile);
    }

    public void Shutdown() => pipe?.Dispose();

    /// <summary>A project with several target frameworks builds a data set in each: only the global properties tell them apart.</summary>
    private void Remember(object sender, ProjectStartedEventArgs project)
    {
        if (project.BuildEventContext is { } place && project.GlobalProperties?.TryGetValue("TargetFramework", out var framework) == true)
        {
            frameworks[(place.NodeId, place.ProjectContextId)] = framework;
        }
    }

    private void Relay(object sender, BuildMessageEventArgs message)
    {
        if (message.Code == EngineEvents.EngineLine)
        {
            Send(message, "engine", json =>
            {
                json.WriteString("project", message.File);
                json.WriteString("framework", message.BuildEventContext is { } place ? frameworks.GetValueOrDefault((place.NodeId, place.ProjectContextId)) : null);
                json.WritePropertyName("line");
                json.WriteRawValue(message.Message ?? "null");
            });
        }
        else if (message.Code?.StartsWith("DSB", StringComparison.Ordinal) == true)
        {
            Diagnose(message, "message", message.Code, message.File, message.LineNumber, message.ColumnNumber, message.ProjectFile);
        }
        else if (message.Importance <= MessageImportance.Normal)
        {
            Send(message, "message", json =>
            {
                json.WriteBoolean("important", message.Importance == MessageImportance.High);
                json.WriteString("text", message.Message);
            });
        }
    }

    private void Diagnose(BuildEventArgs diagnostic, string severity, string? code, string? file, int line, int column, string? project) => Send(diagnostic, "diagnostic", json =>
    {
        json.WriteString("severity", severity);
        json.WriteString("code", code);
        json.WriteString("message", diagnostic.Message);

        json.WriteString("file", FullPath(file, project));
        json.WriteNumber("line", line);
        json.WriteNumber("column", column);
    });

    /// <summary>A compiler names its files as its project sees them; what is no file, such as the name of a tool, stays as it is.</summary>
    private static string? FullPath(string? file, string? project) =>
        file is { Length: > 0 } && Path.GetDirectoryName(project) is { } folder && Path.Combine(folder, file) is var path && File.Exists(path) ? path : file;

    private void Send(BuildEventArgs sent, string name, Action<Utf8JsonWriter> body)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            json.WriteNumber("node", sent.BuildEventContext?.NodeId ?? 0);
            json.WriteNumber("context", sent.BuildEventContext?.ProjectContextId ?? 0);
            body(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        lock (gate)
        {
            try
            {
                line.WriteTo(pipe!);
            }
            catch (IOException failure)
            {
                // Whoever started this build is gone, and nobody would see how it ends.
                throw new LoggerException("`dotnet dataset build` is gone: the build stops.", failure);
            }
        }
    }
}
