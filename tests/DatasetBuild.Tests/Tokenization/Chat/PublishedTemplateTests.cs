using System.Globalization;
using System.Text.Json;
using DatasetBuild.Tokenization.Chat;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>Templates that are published with models give the text that the reference gives, errors included.</summary>
public sealed class PublishedTemplateTests
{
    public static TheoryData<string> All => [.. SharedData.Find("templates") is { } root ? Directory.GetDirectories(root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray() : [""]];

    [Theory]
    [MemberData(nameof(All))]
    public void A_published_template_gives_the_text_of_the_reference(string name)
    {
        var folder = SharedData.Path("templates", name);
        var template = ChatTemplate.Load(Path.Combine(folder, "template.jinja"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        foreach (var element in json.RootElement.EnumerateArray())
        {
            var context = $"{name} {element.GetProperty("name")}";
            if (element.TryGetProperty("rendered", out var rendered))
            {
                var output = Render(template, element);
                output.Text.ShouldBe(rendered.GetString(), context);
                int[][] spans = element.TryGetProperty("generation_spans", out var given) ? [.. given.EnumerateArray().Select(span => span.EnumerateArray().Select(end => end.GetInt32()).ToArray())] : [];
                output.Generations.Select(span => new[] { PythonText.NumberOf(output.Text, span.Start), PythonText.NumberOf(output.Text, span.End) }).ShouldBe(spans, context);
                continue;
            }

            var failure = Should.Throw<DatasetException>(() => Render(template, element), context).Diagnostic;
            var isRefused = element.GetProperty("error_kind").GetString() == "raise_exception";
            failure.Code.ShouldBe(isRefused ? ChatErrors.Refused : ChatErrors.Failed, context);
            if (isRefused)
            {
                failure.Message.ShouldContain(element.GetProperty("error").GetString()!.TrimEnd('.'), Case.Sensitive, context);
            }
        }
    }

    internal static JinjaOutput Render(ChatTemplate template, JsonElement one)
    {
        var variables = new Dictionary<string, object?> { ["messages"] = JsonValues.Of(one.GetProperty("messages")), ["tools"] = Optional("tools"), ["documents"] = null, ["add_generation_prompt"] = Optional("add_generation_prompt") };
        foreach (var name in (string[])["bos_token", "eos_token"])
        {
            if (Optional(name) is { } token)
            {
                variables[name] = token;
            }
        }

        if (one.TryGetProperty("variables", out var more))
        {
            foreach (var variable in more.EnumerateObject())
            {
                variables[variable.Name] = JsonValues.Of(variable.Value);
            }
        }

        return template.Render(variables, variables["tools"] is not null, one.GetRawText().Length, DateTime.Parse((string)Optional("date")!, CultureInfo.InvariantCulture));

        object? Optional(string name) => one.TryGetProperty(name, out var value) ? JsonValues.Of(value) : null;
    }
}
