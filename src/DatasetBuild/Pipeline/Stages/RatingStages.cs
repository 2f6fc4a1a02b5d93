using System.Globalization;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>How the stage is made that asks models for a rating.</summary>
internal static class RatingStages
{
    public static Stage Rating(StageRequest request)
    {
        var parameters = request.Parameters;
        var paths = parameters.List("Model") ?? throw parameters.Fail(ProjectCodes.MissingParameter, $"stage '{request.Name}' needs Model.");
        var prompts = Prompts(request);
        var part = ModelParts.Part(parameters);
        var maxLength = ModelParts.MaxLength(request);
        var weights = Weights(request, paths.Length);
        var models = new List<(double, IReadOnlyList<RatingPass>)>();
        foreach (var (number, path) in paths.Index())
        {
            var files = request.Models.Find(request, path);
            var tokenizer = ModelParts.Tokenizer(request, files, path);
            models.Add((weights[number], [.. prompts.Select((prompt, i) => new RatingPass(request.Models.Models, files, tokenizer, prompt, i + 1, part, maxLength))]));
        }

        var alpha = parameters.Number("Alpha") ?? 0.2;
        return alpha >= 0
            ? StageFactory.ByValue(request, new RatingSource(models, parameters.Enum("Form", RatingForm.Paper), alpha))
            : throw parameters.Invalid("Alpha", parameters.Text("Alpha"), "It is a number from 0.");
    }

    private static string[] Prompts(StageRequest request)
    {
        var parameters = request.Parameters;
        var file = request.Plan.Resolve(parameters.Text("Prompts"));
        request.InputFiles.Add(file);
        if (UnusableFile.Describe(file) is { } problem)
        {
            throw parameters.Fail(ProjectCodes.MissingFile, $"stage '{request.Name}': the rating prompts '{parameters.Text("Prompts")}' cannot be read: {problem}. Check the path, relative to the project.");
        }

        string[] prompts = [.. File.ReadAllLines(file).Where(line => !string.IsNullOrWhiteSpace(line))];
        return prompts.Length is > 0 and <= byte.MaxValue && prompts.Distinct(StringComparer.Ordinal).Count() == prompts.Length ? prompts : throw parameters.Invalid(
            "Prompts", parameters.Text("Prompts"), "The file has one rating prompt a line, 1 to 255 of them, each once.");
    }

    /// <summary>The weights of the models: only who chose several can say what each is worth.</summary>
    private static double[] Weights(StageRequest request, int count)
    {
        var parameters = request.Parameters;
        if (parameters.List("Weights") is not { } texts)
        {
            return count == 1 ? [1] : throw parameters.Fail(
                ProjectCodes.MissingParameter, $"stage '{request.Name}' asks {count} models: give each a weight, such as Weights=\"7;13\" for their billions of parameters.");
        }

        var weights = texts.Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight) ? weight : 0).ToArray();
        return weights.Length == count && weights.All(weight => weight > 0) ? weights : throw parameters.Invalid(
            "Weights", parameters.Text("Weights"), $"It is a number above 0 for each model ({count} of them), separated by ';'.");
    }
}
