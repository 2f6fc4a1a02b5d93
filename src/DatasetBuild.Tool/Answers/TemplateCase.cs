using System.Text;
using System.Text.Json;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Chat;
using DatasetBuild.Tokenization.Jinja;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>Variables to render a template with: the messages of a conversation and what else a template may name.</summary>
internal sealed record TemplateCase(IReadOnlyList<KeyValuePair<string, object?>> Variables, long Length, DateTime? Date)
{
    private const string Tools = "tools";

    public bool HasTools => Variables.Any(variable => variable is { Key: Tools, Value: not null });

    /// <summary>
    /// Reads an array of objects with <c>messages</c>, and where wanted <c>tools</c>, <c>add_generation_prompt</c>, <c>bos_token</c>, <c>eos_token</c>
    /// (null for undefined), <c>variables</c>, and <c>date</c>, the day of <c>strftime_now</c>.
    /// </summary>
    public static IReadOnlyList<TemplateCase> ReadAll(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"the file '{path}' does not exist.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 200 });
            return json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray().Select(Of)] : throw NoCases("it is no array.");
        }
        catch (JsonException error)
        {
            throw NoCases(JsonSyntax.PlaceAndReason(error));
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException)
        {
            throw NoCases("an element is no object with \"messages\", or a value in it has another type than it should.");
        }
        catch (FormatException error)
        {
            throw NoCases(error.Message);
        }

        UsageException NoCases(string reason) => new($"'{path}' is not an array of cases, each with its messages: {reason}");
    }

    private static TemplateCase Of(JsonElement element)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["messages"] = JsonValues.Of(element.GetProperty("messages")),
            [Tools] = element.TryGetProperty(Tools, out var tools) ? JsonValues.Of(tools) : null,
            ["documents"] = null,
            ["add_generation_prompt"] = element.TryGetProperty("add_generation_prompt", out var prompt) && prompt.GetBoolean(),
        };
        foreach (var name in (string[])["bos_token", "eos_token"])
        {
            if (element.TryGetProperty(name, out var token) && token.ValueKind == JsonValueKind.String)
            {
                variables[name] = token.GetString();
            }
        }

        if (element.TryGetProperty("variables", out var more))
        {
            foreach (var variable in more.EnumerateObject())
            {
                variables[variable.Name] = JsonValues.Of(variable.Value);
            }
        }

        DateTime? date = element.TryGetProperty("date", out var day) && day.ValueKind == JsonValueKind.String ? ChatTemplate.ParseDate(day.GetString()) : null;
        return new TemplateCase([.. variables], Encoding.UTF8.GetByteCount(element.GetRawText()), date);
    }

    /// <summary>The text, or why there is none: word for word what the template says, where it is the template that refuses.</summary>
    public (string? Text, string? Error) Render(ChatTemplate template)
    {
        try
        {
            return (template.Render(Variables, HasTools, Length, Date).Text, null);
        }
        catch (DatasetException failure)
        {
            return (null, failure.InnerException is JinjaError { Failure: JinjaFailure.Raised } raised ? raised.Message : failure.Diagnostic.Message);
        }
    }
}
