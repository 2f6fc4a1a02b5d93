namespace DatasetBuild.Tokenization;

/// <summary>BertNormalizer: cleans the text, sets Chinese characters apart, strips accents and lower-cases, in this order.</summary>
internal sealed class BertNormalizer(bool cleanText, bool handleChinese, bool stripAccents, bool lowercase) : INormalizer
{
    private static readonly DecomposingNormalizer Decompose = new(compatible: false, compose: false);
    private static readonly Lazy<RemovingNormalizer> StripMarks = new(() => new RemovingNormalizer(ReferenceSets.Nonspacing));
    private static readonly LowercaseNormalizer Lowercase = new();
    private static readonly CleanText Clean = new();
    private static readonly SpacedChinese Spaced = new();

    public AlignedText Normalize(AlignedText text)
    {
        text = cleanText ? Clean.Normalize(text) : text;
        text = handleChinese ? Spaced.Normalize(text) : text;
        text = stripAccents ? StripMarks.Value.Normalize(Decompose.Normalize(text)) : text;
        return lowercase ? Lowercase.Normalize(text) : text;
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) =>
        (!cleanText || Clean.Keeps(utf8))
        && (!handleChinese || Spaced.Keeps(utf8))
        && (!stripAccents || (Decompose.Keeps(utf8) && StripMarks.Value.Keeps(utf8)))
        && (!lowercase || Lowercase.Keeps(utf8));

    /// <summary>Removes control characters, turns every white space into a space.</summary>
    private sealed class CleanText : CharacterNormalizer
    {
        protected override bool IsUnchanged(int code) => code is >= ' ' and < 0x7F || Map(code) == code;

        protected override void Append(int code, int origin, AlignedText.Builder builder)
        {
            if (Map(code) is >= 0 and var mapped)
            {
                builder.Append(mapped, origin);
            }
        }

        // U+0085 is white space and a control character; it goes as a control character.
        private static int Map(int code) =>
            code is '\t' or '\n' or '\r' ? ' '
            : code is 0 or 0xFFFD || ReferenceSets.Control.Contains(code) ? -1
            : ReferenceSets.WhiteSpace.Contains(code) ? ' '
            : code;
    }

    /// <summary>Puts spaces around each character of the blocks of Chinese characters.</summary>
    private sealed class SpacedChinese : CharacterNormalizer
    {
        protected override bool IsUnchanged(int code) => code is not (
            (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F));

        protected override void Append(int code, int origin, AlignedText.Builder builder)
        {
            var apart = !IsUnchanged(code);
            builder.Append(apart ? " "u8 : [], origin);
            builder.Append(code, origin);
            builder.Append(apart ? " "u8 : [], origin);
        }
    }
}
