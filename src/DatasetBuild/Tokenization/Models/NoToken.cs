using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The error of a text that a vocabulary has no token for.</summary>
internal static class NoToken
{
    private const int Shown = 40;

    /// <param name="piece">What has no token.</param>
    /// <param name="unknownToken">The unknown token that the model names and the vocabulary lacks, or null if it names none.</param>
    public static DatasetException For(ReadOnlySpan<byte> piece, string? unknownToken)
    {
        var text = Encoding.UTF8.GetString(piece);
        var shown = text.Length <= Shown ? text : text[..(char.IsLowSurrogate(text[Shown]) ? Shown - 1 : Shown)] + "…";
        var why = unknownToken is null ? "the model names no unknown token" : $"its unknown token '{unknownToken}' is not in the vocabulary";
        return new DatasetException(
            TokenizerErrors.NoToken, $"The tokenizer has no token for '{shown}', and {why}. Use a tokenizer that covers the text, or add an unknown token.");
    }
}
