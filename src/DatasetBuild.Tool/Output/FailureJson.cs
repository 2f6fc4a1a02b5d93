using System.Text.Json;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Output;

/// <summary>What a command that was asked for JSON answers when it fails: an object with the exit code and every error, each with its code and place.</summary>
internal static class FailureJson
{
    /// <param name="exitCode">How the command ends.</param>
    /// <param name="errors">All that was reported.</param>
    /// <param name="results">The data sets that were built all the same; null where the command builds none.</param>
    public static void Write(int exitCode, IEnumerable<Diagnostic> errors, IReadOnlyList<DatasetResult>? results = null) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("exitCode", exitCode);
        json.WriteStartArray("errors");
        foreach (var error in errors)
        {
            Write(json, error);
        }

        json.WriteEndArray();
        if (results is not null)
        {
            json.WriteStartArray("results");
            foreach (var result in results)
            {
                result.WriteTo(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Diagnostic error)
    {
        json.WriteStartObject();
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
        json.WriteString("file", error.File ?? "");
        json.WriteNumber("line", error.Line);
        json.WriteNumber("column", error.Column);
        json.WriteEndObject();
    }
}
