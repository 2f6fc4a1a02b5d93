using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>model</c>.</summary>
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

    /// <param name="model">The section.</param>
    /// <param name="image">The model's image, where it is kept; then the section is that of an outline.</param>
    public static ITokenModel Read(JsonSection model, ImageReader? image = null) => Type(model) switch
    {
        "BPE" => image is null ? ReadBpe(BpeModelReader.Read(model)) : BpeModel.Read(image, BpeModelReader.ReadOptions(model)).CutBeforeMarks(),
        "WordLevel" => new WordLevelModel(ReadVocabulary(model, image), model.Text("unk_token")),
        "WordPiece" => new WordPieceModel(
            ReadVocabulary(model, image), model.Text("unk_token"), model.Text("continuing_subword_prefix"), model.Number("max_input_chars_per_word")),
        "Unigram" => ReadUnigram(model, image),
        var type => throw model.Error(TokenizerErrors.UnsupportedModel, $"The model {type} is unknown. There are BPE, Unigram, WordPiece and WordLevel."),
    };

    public static BpeModel ReadBpe(BpeFile file) => new BpeModel(new Vocabulary(file.Tokens), file.Merges, file.Options).CutBeforeMarks();

    private static Vocabulary ReadVocabulary(JsonSection model, ImageReader? image) =>
        image is null ? new Vocabulary([.. VocabularyReader.Read(model).Select(token => (token.Text, token.Id))]) : Vocabulary.ReadAlone(image);

    private static UnigramModel ReadUnigram(JsonSection model, ImageReader? image)
    {
        var (unknown, byteFallback) = (model.Has("unk_id") ? model.Number("unk_id") : -1, model.Flag("byte_fallback", otherwise: false));
        if (image is not null)
        {
            return UnigramModel.Read(image, (int)unknown, byteFallback);
        }

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

        return unknown < tokens.Count
            ? new UnigramModel(new Vocabulary(tokens), [.. scores], (int)unknown, byteFallback)
            : throw model.Error("unk_id", TokenizerErrors.InvalidPart, $"'unk_id' is {unknown}, but the vocabulary has {tokens.Count} tokens.");
    }
}
