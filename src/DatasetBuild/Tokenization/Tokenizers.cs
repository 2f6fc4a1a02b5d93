namespace DatasetBuild.Tokenization;

/// <summary>Reads tokenizers from the files that are published with models. The content decides what a file is, never its suffix.</summary>
public static class Tokenizers
{
    /// <summary>
    /// Loads a rank file (<c>*.tiktoken</c>) or a Hugging Face <c>tokenizer.json</c> with byte-level BPE. Special and added tokens that stand
    /// in a text are plain text to the result. What cannot be followed exactly is refused, never approximated.
    /// </summary>
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="displayPath">The path as the user wrote it, for messages.</param>
    /// <exception cref="DatasetException">The file is missing, damaged or asks for something that is not supported (DSB3001 to DSB3013).</exception>
    public static ITokenizer Load(string fullPath, string displayPath) => Read(TokenizerFile.Read(fullPath, displayPath));

    /// <summary>The tokenizer in a file whose bytes are read already.</summary>
    internal static ITokenizer Read(TokenizerFile file)
    {
        return file.FirstVisibleByte switch
        {
            (byte)'{' => TokenizerJsonReader.Read(file),
            _ when RankFileReader.Recognises(file) => RankFileReader.Read(file),
            -1 => throw file.Error(TokenizerErrors.NotRecognised, "The file is empty; a tokenizer.json or a rank file (.tiktoken) is needed."),
            _ => throw file.Error(
                TokenizerErrors.NotRecognised,
                "The file is neither a Hugging Face tokenizer.json (a JSON object) nor a rank file (lines of base64 and a rank)."
                + " SentencePiece models, vocab.txt, and vocab.json with merges.txt have to be converted to a tokenizer.json."),
        };
    }
}
