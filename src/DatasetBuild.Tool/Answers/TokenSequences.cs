using System.Text.Json;
using DatasetBuild.LanguageModels;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>Reads sequences of token ids from a JSON array of arrays.</summary>
internal static class TokenSequences
{
    /// <exception cref="DatasetException">The file does not hold that, or holds what the model cannot be given (DSB3061 to DSB3063).</exception>
    public static TokenBatch Read(string path, ILanguageModel model)
    {
        var batch = new TokenBatch();
        foreach (var ids in Parse(path))
        {
            var sequence = batch.Count;
            if (ids.Length > model.MaxLength)
            {
                throw new DatasetException(
                    ModelCodes.LongerThanContext, $"sequence {sequence} has {ids.Length} tokens, more than the {model.MaxLength} of the model's context. Shorten it, or take a model with a longer context", path);
            }

            var foreign = Array.FindIndex(ids, id => (uint)id >= (uint)model.VocabularySize);
            if (foreign >= 0)
            {
                throw new DatasetException(
                    ModelCodes.TokenOutsideVocabulary,
                    $"token {foreign} of sequence {sequence} is {ids[foreign]}, and the model knows 0 to {model.VocabularySize - 1}. Are the ids those of its own tokenizer?",
                    path);
            }

            batch.Add(ids, Enumerable.Repeat(true, ids.Length).ToArray());
        }

        return batch;
    }

    private static IEnumerable<int[]> Parse(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"the file '{path}' does not exist.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Select((sequence, i) => sequence.ValueKind == JsonValueKind.Array
                    ? sequence.EnumerateArray().Select((id, j) => IdOf(id) ?? throw Invalid($"element {j} of sequence {i} is no token id")).ToArray()
                    : throw Invalid($"sequence {i} is no array"))]
                : throw Invalid("it is no array");
        }
        catch (JsonException error)
        {
            throw Invalid(JsonSyntax.PlaceAndReason(error).TrimEnd('.'));
        }

        DatasetException Invalid(string what) => new(ModelCodes.InvalidIds, $"{what}. The file has to be a JSON array of arrays of token ids, such as [[1, 15043], [1, 2]]", path);
    }

    private static int? IdOf(JsonElement id) => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) ? number : null;
}
