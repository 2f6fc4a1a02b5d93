using System.Security.Cryptography;
using System.Text.Json;
using DatasetBuild.Tokenization;
using Microsoft.ML.Tokenizers;

namespace DatasetBuild.MicrosoftTokenizers;

/// <summary>
/// A file that names a tokenizer of the library and what it is made of: <c>{"microsoft_tokenizer": {"type": "Bert", "files": ["vocab.txt"]}}</c>. Files are relative
/// to it. Types: <c>Tiktoken</c> (with <c>model</c> instead of files, and the library's data package), <c>Bert</c> and <c>WordPiece</c> (vocab.txt), <c>SentencePiece</c>
/// (tokenizer.model), <c>Bpe</c> and <c>CodeGen</c> (vocab.json, merges.txt), <c>EnglishRoberta</c> (vocab.json, merges.txt, dict.txt).
/// </summary>
public sealed class MicrosoftTokenizerFormat : ITokenizerFormat
{
    private const string InvalidCode = "DSB3023";

    public string Member => Tokenizers.MicrosoftMember;

    public IReadOnlyList<string> FilesBeside(string fullPath, ReadOnlySpan<byte> content) => Parse(content, fullPath).FullPaths(fullPath);

    public ITokenizer Read(string fullPath, string displayPath, ReadOnlySpan<byte> content)
    {
        var description = Parse(content, displayPath);
        var files = description.FullPaths(fullPath);
        try
        {
            var version = typeof(Tokenizer).Assembly.GetName().Version;
            var digests = files.Select(file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
            var identity = $"microsoft.ml.tokenizers/1 version={version} sha256={Convert.ToHexStringLower(SHA256.HashData(content))} files={string.Join(',', digests)}";
            return new MicrosoftTokenizer(Create(description, files), identity, description.VocabularySize);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or NotSupportedException or InvalidDataException)
        {
            throw Invalid($"The tokenizer cannot be made: {error.Message}", displayPath, error);
        }
    }

    internal static DatasetException Invalid(string message, string? file, Exception? inner = null) => new(InvalidCode, message, file, inner: inner);

    private static Tokenizer Create(Description description, IReadOnlyList<string> files) => (description.Type, files) switch
    {
        ("Tiktoken", []) => TiktokenTokenizer.CreateForModel(description.Model),
        ("Bert", [var vocabulary]) => BertTokenizer.Create(vocabulary),
        ("WordPiece", [var vocabulary]) => WordPieceTokenizer.Create(vocabulary),
        ("SentencePiece", [var model]) => OfSentencePiece(model),
        ("Bpe", [var vocabulary, var merges]) => BpeTokenizer.Create(vocabulary, merges),
        ("CodeGen", [var vocabulary, var merges]) => OfCodeGen(vocabulary, merges),
        ("EnglishRoberta", [var vocabulary, var merges, var frequencies]) => EnglishRobertaTokenizer.Create(vocabulary, merges, frequencies),
        var (type, given) => throw new ArgumentException(
            $"there is no type {type} of {given.Count} files. There are Tiktoken (model), Bert and WordPiece (vocab.txt), SentencePiece (tokenizer.model), Bpe and CodeGen (vocab.json, merges.txt), EnglishRoberta (vocab.json, merges.txt, dict.txt)."),
    };

    private static SentencePieceTokenizer OfSentencePiece(string model)
    {
        using var stream = File.OpenRead(model);
        return SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
    }

    private static CodeGenTokenizer OfCodeGen(string vocabulary, string merges)
    {
        using var vocabularyStream = File.OpenRead(vocabulary);
        using var mergesStream = File.OpenRead(merges);
        return CodeGenTokenizer.Create(vocabularyStream, mergesStream);
    }

    private static Description Parse(ReadOnlySpan<byte> content, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(content.ToArray());
            var part = json.RootElement.GetProperty(Tokenizers.MicrosoftMember);
            return new Description(
                part.GetProperty("type").GetString() ?? "",
                part.TryGetProperty("model", out var model) ? model.GetString() ?? "" : "",
                part.TryGetProperty("files", out var files) ? [.. files.EnumerateArray().Select(file => file.GetString() ?? "")] : [],
                part.TryGetProperty("vocabulary_size", out var size) ? size.GetInt32() : null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Invalid($"A {Tokenizers.MicrosoftMember} has a type, and files or a model: {error.Message}", path, error);
        }
    }

    private sealed record Description(string Type, string Model, IReadOnlyList<string> Files, int? VocabularySize)
    {
        public IReadOnlyList<string> FullPaths(string descriptionPath) => [.. Files.Select(file => Path.GetFullPath(file, Path.GetDirectoryName(descriptionPath)!))];
    }
}
