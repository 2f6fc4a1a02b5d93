using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>model</c> of the types that need no more than their own options: WordLevel, WordPiece and Unigram.</summary>
internal static class ModelReader
{
    /// <summary>Longer than any piece of use by far; bounds the work on a text that is nearly one.</summary>
    private const int LongestPiece = 4096;

    /// <summary>The type of the model. Files of old versions leave it out; then the members tell.</summary>
    public static string Type(JsonSection model) =>
        model.Has("type") ? model.Type
        : model.Has("merges") ? "BPE"
        : model.Has("max_input_chars_per_word") ? "WordPiece"
        : model.Has("vocab") && model.Part("vocab").Kind == JsonTokenType.StartArray ? "Unigram"
        : "WordLevel";

    public static ITokenModel Read(JsonSection model) => Type(model) switch
    {
        "WordLevel" => new WordLevelModel(ReadVocabulary(model), model.Text("unk_token")),
        "WordPiece" => new WordPieceModel(
            ReadVocabulary(model), model.Text("unk_token"), model.Text("continuing_subword_prefix"), model.Number("max_input_chars_per_word")),
        "Unigram" => ReadUnigram(model),
        var type => throw model.Error(TokenizerErrors.UnsupportedModel, $"The model {type} is unknown. There are BPE, Unigram, WordPiece and WordLevel."),
    };

    private static Vocabulary ReadVocabulary(JsonSection model) => new([.. VocabularyReader.Read(model).Select(token => (token.Text, token.Id))]);

    private static UnigramModel ReadUnigram(JsonSection model)
    {
        var tokens = new List<(string, int)>();
        var scores = new List<double>();
        foreach (var element in model.Elements("vocab"))
        {
            var pair = JsonParts.Elements(model.File, element);
            if (pair.Count != 2)
            {
                throw model.File.ErrorAt(element.Start, TokenizerErrors.InvalidPart, "A token of a Unigram model is written with its score.");
            }

            var text = JsonParts.String(model.File, pair[0]);
            if (Encoding.UTF8.GetByteCount(text) > LongestPiece)
            {
                throw model.File.ErrorAt(element.Start, TokenizerErrors.UnsupportedModel, $"A token of more than {LongestPiece} bytes is not supported.");
            }

            tokens.Add((text, tokens.Count));
            scores.Add(model.Real(pair[1]));
        }

        var unknown = model.Has("unk_id") ? model.Number("unk_id") : -1;
        return unknown < tokens.Count
            ? new UnigramModel(new Vocabulary(tokens), [.. scores], (int)unknown, model.Flag("byte_fallback", otherwise: false))
            : throw model.Error("unk_id", TokenizerErrors.InvalidPart, $"'unk_id' is {unknown}, but the vocabulary has {tokens.Count} tokens.");
    }
}
