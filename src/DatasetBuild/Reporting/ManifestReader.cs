using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>Reads manifests again.</summary>
public static class ManifestReader
{
    /// <exception cref="FormatException">The text is no manifest, or not one of this form.</exception>
    public static Manifest Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.GetProperty("manifest").GetInt32() != 1)
            {
                throw new FormatException("it is of another version");
            }

            return new Manifest(
                Text(root, "name"),
                Text(root, "engine"),
                Text(root, "schema"),
                root.GetProperty("records").GetInt32(),
                root.GetProperty("kept").GetInt32(),
                [.. root.GetProperty("inputs").EnumerateArray().Select(Input)],
                [.. root.GetProperty("stages").EnumerateArray().Select(Stage)],
                [.. Manifest.ReadOutputs(root)])
            {
                Evaluation = root.TryGetProperty("evaluation", out var evaluation) ? [.. evaluation.EnumerateArray().Select(Evaluation)] : [],
                Base = root.TryGetProperty("base", out var known) ? [.. known.EnumerateArray().Select(Input)] : [],
                Split = root.TryGetProperty("split", out var split) ? new ManifestSplit(Text(split, "validation"), split.GetProperty("seed").GetInt32(), Text(split, "clusters")) : null,
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(error.Message, error);
        }
    }

    private static ManifestInput Input(JsonElement input) => new(
        Text(input, "path"),
        Text(input, "sha256"),
        input.GetProperty("bytes").GetInt64(),
        input.GetProperty("records").GetInt32(),
        input.GetProperty("invalid").GetInt32(),
        [.. input.GetProperty("dialects").EnumerateArray().Select(Text)]);

    private static ManifestEvaluation Evaluation(JsonElement file) =>
        new(Text(file, "path"), Text(file, "sha256"), file.GetProperty("items").GetInt32(), file.TryGetProperty("fields", out var fields) ? Text(fields) : null);

    private static ManifestStage Stage(JsonElement stage) => new(
        Text(stage, "name"),
        Text(stage, "kind"),
        [.. stage.GetProperty("parameters").EnumerateObject().Select(parameter => new NamedText(parameter.Name, Text(parameter.Value)))],
        [.. stage.GetProperty("identities").EnumerateArray().Select(Text)],
        stage.GetProperty("entered").GetInt32(),
        stage.GetProperty("kept").GetInt32(),
        stage.GetProperty("dropped").GetInt32(),
        stage.GetProperty("missing").GetInt32(),
        [.. stage.GetProperty("reasons").EnumerateObject().Select(reason => new ReasonCount(reason.Name, reason.Value.GetInt32()))])
    {
        Marked = stage.TryGetProperty("marked", out var marked) ? marked.GetInt32() : null,
    };

    private static string Text(JsonElement element, string name) => Text(element.GetProperty(name));

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("a text is missing");
}
