namespace DatasetBuild.Tokenization;

/// <summary>Encodes a word that <see cref="EncodedWords"/> has not met.</summary>
internal interface IWordEncoder
{
    /// <summary>Appends the tokens of a word of a text; returns whether the same word has the same ones everywhere, at places that move along with it.</summary>
    bool Encode(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens);
}
