using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Pipeline;

/// <summary>What goes with a language model, as a stage or the project declares it, or as the model's folder has it.</summary>
internal static class ModelParts
{
    private const string ConfigFile = "tokenizer_config.json";

    private static readonly string[] TemplateFiles = ["chat_template.jinja", "chat_template.json"];

    /// <summary>The stage's tokenizer, else that of the model's folder. The project's counts, and knows nothing of the model's ids.</summary>
    public static ITokenizer Tokenizer(StageRequest request, ModelFiles files, string path)
    {
        if (request.Parameters.OptionalText("Tokenizer") is { } declared)
        {
            return request.Tokenizers.Load(request, declared);
        }

        return File.Exists(TokenizerPaths.InFolder(files.Folder)) ? request.Tokenizers.Load(request, path) : throw request.Parameters.Fail(
            ProjectCodes.MissingFile, $"stage '{request.Name}': the model folder '{path}' has neither tokenizer.json nor tokenizer.model. Fetch it, or name the model's tokenizer with Tokenizer.");
    }

    /// <summary>The stage's chat template, else the project's, else that of the model's folder.</summary>
    public static ChatTemplate Template(StageRequest request, ModelFiles files, string path)
    {
        var declared = request.Parameters.OptionalText("ChatTemplate") ?? request.Settings.ChatTemplate;
        return declared is not null || HasTemplate(files.Folder)
            ? TemplateCache.Open(request.Plan, declared ?? path, request.Parameters.OptionalText("Tokenizer") ?? path, request.InputFiles)
            : throw request.Parameters.Fail(
                ProjectCodes.MissingParameter,
                $"stage '{request.Name}' needs a chat template, and the model folder '{path}' has none. Set DatasetChatTemplate, or ChatTemplate on the stage, to a file or to {string.Join(", ", ChatTemplate.BuiltInNames)}.");
    }

    /// <summary>Which turns are the response.</summary>
    public static Part Part(Parameters parameters)
    {
        var part = parameters.Enum("Part", Records.Part.Response);
        return part is Records.Part.Response or Records.Part.LastResponse ? part : throw parameters.Invalid("Part", part.ToString(), "A language model is asked about Response or LastResponse.");
    }

    public static int? MaxLength(StageRequest request) =>
        request.Parameters.Has("MaxLength") ? request.Parameters.Integer("MaxLength", 1, 1, int.MaxValue) : request.Settings.MaxLength;

    private static bool HasTemplate(string folder) =>
        TemplateFiles.Any(name => File.Exists(Path.Combine(folder, name)))
        || (File.Exists(Path.Combine(folder, ConfigFile)) && File.ReadAllText(Path.Combine(folder, ConfigFile)).Contains("\"chat_template\"", StringComparison.Ordinal));
}
