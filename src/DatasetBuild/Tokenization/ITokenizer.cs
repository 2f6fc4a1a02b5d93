namespace DatasetBuild.Tokenization;

/// <summary>One token: its id in the vocabulary and its place, a half-open range of bytes of the text's UTF-8.</summary>
public readonly record struct Token(int Id, int Start, int End);

/// <summary>Turns text into tokens. Special tokens in the text are plain text. Thread-safe.</summary>
public interface ITokenizer : ITextCounter
{
    int VocabularySize { get; }

    /// <summary>Appends the tokens of <paramref name="utf8"/>, in order.</summary>
    void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens);

    /// <summary>The bytes that a token stands for. They need not be valid UTF-8 by themselves.</summary>
    ReadOnlySpan<byte> Bytes(int id);
}
