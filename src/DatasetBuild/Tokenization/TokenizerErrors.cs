namespace DatasetBuild.Tokenization;

/// <summary>Codes of what can be wrong with a tokenizer file. A code is never reused.</summary>
internal static class TokenizerErrors
{
    /// <summary>The file is missing or cannot be read.</summary>
    public const string Unreadable = "DSB3001";

    /// <summary>The content is of no known kind.</summary>
    public const string NotRecognised = "DSB3002";

    /// <summary>Invalid JSON, or text that is not valid Unicode.</summary>
    public const string InvalidJson = "DSB3003";

    /// <summary>A line of a rank file is not base64 and a rank.</summary>
    public const string InvalidRankLine = "DSB3004";

    /// <summary>A token or an id is given twice.</summary>
    public const string Duplicate = "DSB3005";

    /// <summary>Some of the 256 single bytes are no tokens, so some texts would have no encoding.</summary>
    public const string MissingBytes = "DSB3006";

    /// <summary>The pattern that belongs to a rank file cannot be told.</summary>
    public const string UnknownRanks = "DSB3007";

    /// <summary>A part of a tokenizer.json is missing or has the wrong form.</summary>
    public const string InvalidPart = "DSB3008";

    /// <summary>A merge is malformed or names a token that is not in the vocabulary.</summary>
    public const string InvalidMerge = "DSB3009";

    /// <summary>The model is of another type, or has an option that is not supported.</summary>
    public const string UnsupportedModel = "DSB3010";

    /// <summary>The pre-tokenizer or one of its options is not supported.</summary>
    public const string UnsupportedPreTokenizer = "DSB3011";

    /// <summary>The normalizer or one of its options is not supported.</summary>
    public const string UnsupportedNormalizer = "DSB3012";

    /// <summary>A file bears the name of a published vocabulary and has other content.</summary>
    public const string ChangedRanks = "DSB3013";

    /// <summary>A regular expression is malformed, or has a construct that is not supported.</summary>
    public const string UnsupportedExpression = "DSB3014";

    /// <summary>A text took far more steps, or became far longer, than any tokenizer of use needs.</summary>
    public const string TooMuchWork = "DSB3015";

    /// <summary>A text holds something that the vocabulary has no token for, not even an unknown token.</summary>
    public const string NoToken = "DSB3016";

    /// <summary>The post-processor or the decoder, or one of its options, is not supported.</summary>
    public const string UnsupportedProcessor = "DSB3017";

    /// <summary>A SentencePiece model is damaged, or asks for something that is not supported.</summary>
    public const string InvalidSentencePiece = "DSB3018";

    /// <summary>Training has more distinct pieces than it can number.</summary>
    public const string TooMuchToTrain = "DSB3019";

    /// <summary>The pattern of a tokenizer to be trained is unknown or malformed.</summary>
    public const string UnusablePattern = "DSB3020";

    /// <summary>A tokenizer to be trained cannot have the vocabulary that is asked for.</summary>
    public const string ImpossibleVocabulary = "DSB3021";

    /// <summary>A tokenizer of Microsoft.ML.Tokenizers is described, and the engine was built without that library.</summary>
    public const string NoMicrosoftTokenizers = "DSB3022";

    /// <summary>A description of a tokenizer of Microsoft.ML.Tokenizers cannot be followed.</summary>
    public const string InvalidMicrosoftTokenizer = "DSB3023";

    /// <summary>There is no text to train a tokenizer on.</summary>
    public const string NothingToTrain = "DSB3024";
}
