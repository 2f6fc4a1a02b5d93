using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks;

/// <summary>
/// Notes what MSBuild's evaluations of projects came from: which files were imported, and what the properties came to. Its parameter is the JSON file to
/// write. MSBuild tells of imports only where the environment asks for it, with MSBUILDLOGIMPORTS=1.
/// </summary>
public sealed class EvaluationLogger : ILogger
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, SortedSet<string>> imports = [];
    private readonly List<ProjectEvaluationFinishedEventArgs> evaluations = [];

    public LoggerVerbosity Verbosity { get; set; } = LoggerVerbosity.Diagnostic;

    public string? Parameters { get; set; }

    public void Initialize(IEventSource eventSource)
    {
        if (eventSource is IEventSource4 source)
        {
            source.IncludeEvaluationPropertiesAndItems();
            source.AnyEventRaised += Take;
        }
    }

    public void Shutdown()
    {
        using var file = File.Create(Parameters ?? throw new LoggerException("The name of a file is missing."));
        using var json = new Utf8JsonWriter(file);
        json.WriteStartArray();
        foreach (var evaluation in evaluations)
        {
            json.WriteStartObject();
            json.WriteString("project", evaluation.ProjectFile);
            json.WriteStartArray("imports");
            foreach (var import in imports.GetValueOrDefault(evaluation.BuildEventContext!.EvaluationId) ?? [])
            {
                json.WriteStringValue(import);
            }

            json.WriteEndArray();
            Write(json, "global", evaluation.GlobalProperties);
            Write(json, "properties", evaluation.Properties);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Take(object sender, BuildEventArgs happened)
    {
        lock (gate)
        {
            switch (happened)
            {
                case ProjectImportedEventArgs { ImportIgnored: false, ImportedProjectFile: { } file, BuildEventContext: { } place }:
                    if (!imports.TryGetValue(place.EvaluationId, out var files))
                    {
                        imports[place.EvaluationId] = files = new SortedSet<string>(StringComparer.Ordinal);
                    }

                    files.Add(file);
                    break;
                case ProjectEvaluationFinishedEventArgs evaluation:
                    evaluations.Add(evaluation);
                    break;
            }
        }
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable? properties)
    {
        json.WriteStartObject(name);
        foreach (var property in properties ?? Array.Empty<object>())
        {
            var (key, value) = property switch
            {
                DictionaryEntry entry => ((string)entry.Key, (string?)entry.Value),
                KeyValuePair<string, string> pair => (pair.Key, pair.Value),
                _ => Reflected(property),
            };
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    // Within one process the properties come as MSBuild's own objects, whose assembly a logger that only knows the framework cannot name.
    [SuppressMessage("Trimming", "IL2075", Justification = "MSBuild is not trimmed.")]
    private static (string Name, string? Value) Reflected(object property) =>
        ((string)property.GetType().GetProperty("Name")!.GetValue(property)!, (string?)property.GetType().GetProperty("EvaluatedValue")!.GetValue(property));
}
