using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>Reads tokenizers from the files that are published with models. The content decides what a file is, never its suffix.</summary>
public static class Tokenizers
{
    /// <summary>The member of a file that describes a tokenizer of Microsoft.ML.Tokenizers.</summary>
    public const string MicrosoftMember = "microsoft_tokenizer";

    private static readonly List<ITokenizerFormat> Formats = [];

    /// <summary>Lets another assembly read a kind of files. To be called before any tokenizer is loaded.</summary>
    public static void Add(ITokenizerFormat format) => Formats.Add(format);

    /// <summary>The files that the tokenizer in a file is made of beside it.</summary>
    internal static IReadOnlyList<string> FilesBeside(TokenizerFile file) => FormatOf(file)?.FilesBeside(file.FullPath, file.Bytes) ?? [];

    /// <summary>
    /// Loads a Hugging Face <c>tokenizer.json</c>, a SentencePiece model (<c>tokenizer.model</c>) or a rank file (<c>*.tiktoken</c>). What cannot be
    /// followed exactly is refused, never approximated.
    /// </summary>
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="displayPath">The path as the user wrote it, for messages.</param>
    /// <exception cref="DatasetException">The file is missing, damaged or asks for something that is not supported (DSB3001 to DSB3018).</exception>
    public static ITokenizer Load(string fullPath, string displayPath) => Read(TokenizerFile.Read(fullPath, displayPath));

    /// <summary>The tokenizer in a file whose bytes are read already; a model that is kept is not read from them again.</summary>
    internal static ITokenizer Read(TokenizerFile file, IKeptModels? kept = null)
    {
        return file.FirstVisibleByte switch
        {
            _ when SentencePieceReader.Recognises(file) => SentencePieceReader.Read(file, kept),
            (byte)'{' when FormatOf(file) is { } format => format.Read(file.FullPath, file.DisplayPath, file.Bytes),
            (byte)'{' => TokenizerJsonReader.Read(file, kept),
            _ when RankFileReader.Recognises(file) => RankFileReader.Read(file, kept),
            -1 => throw file.Error(TokenizerErrors.NotRecognised, "The file is empty; a tokenizer.json, a SentencePiece model or a rank file (.tiktoken) is needed."),
            _ when ForeignFormat.Of(file.Bytes) is var (what, remedy) => throw file.Error(
                TokenizerErrors.NotRecognised, $"This is {what}. {(remedy is null ? "" : remedy + " ")}A tokenizer.json, a SentencePiece model or a rank file (.tiktoken) is needed."),
            _ => throw file.Error(
                TokenizerErrors.NotRecognised,
                "The file is neither a Hugging Face tokenizer.json (a JSON object), nor a SentencePiece model, nor a rank file (lines of base64 and a rank)."
                + " A vocab.txt, and a vocab.json with merges.txt, have to be converted to a tokenizer.json."),
        };
    }

    private static ITokenizerFormat? FormatOf(TokenizerFile file) =>
        Formats.Count > 0 && file.FirstVisibleByte == '{' && JsonParts.Members(file, JsonParts.Whole(file)) is var members
            ? Formats.Find(format => members.ContainsKey(format.Member))
            : null;
}
