using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Strip: removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public bool StripsRight => right;

    /// <summary>The same for a text whose start is not the start of the whole.</summary>
    public StripNormalizer AtEnd() => new(left: false, right);

    public AlignedText Normalize(AlignedText text)
    {
        var bytes = text.Bytes;
        var start = left ? WhiteSpace.EndOfRunAt(bytes, 0) : 0;
        var end = right ? WhiteSpace.StartOfRunBefore(bytes, bytes.Length) : bytes.Length;
        if (start == 0 && end == bytes.Length)
        {
            return text;
        }

        var builder = new AlignedText.Builder(text);
        builder.Copy(new TextRange(start, Math.Max(start, end)));
        return builder.Build();
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => WhiteSpace.EndOfRunAt(utf8, 0) == 0 && WhiteSpace.StartOfRunBefore(utf8, utf8.Length) == utf8.Length;
}

/// <summary>Prepend: puts a text before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);

    public AlignedText Normalize(AlignedText text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var builder = new AlignedText.Builder(text);
        var first = Utf8Scalars.Length(text.Bytes[0]);
        builder.Append(_prefix, text.Origins[0]);
        // Without anything before it, the first character itself counts as new, as the reference library has it.
        builder.Append(text.Bytes[..first], _prefix.Length > 0 ? text.Origins[0] : builder.OriginBefore(0));
        builder.Copy(new TextRange(first, text.Length));
        return builder.Build();
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => prefix is " " or SentencePieceTokenizer.Mark;
}

/// <summary>Replace: puts a text, literally, in the place of each match.</summary>
internal sealed class ReplaceNormalizer(ITextPattern pattern, string content) : INormalizer
{
    private readonly byte[] _content = Encoding.UTF8.GetBytes(content);

    public ITextPattern Pattern { get; } = pattern;

    public string Content { get; } = content;

    public AlignedText Normalize(AlignedText text)
    {
        var matches = new List<TextRange>();
        if (text.Length > 0)
        {
            Pattern.FindAll(text.Bytes, matches);
        }

        if (matches.Count == 0)
        {
            return text;
        }

        var builder = new AlignedText.Builder(text);
        var last = 0;
        foreach (var match in matches)
        {
            builder.Copy(new TextRange(last, match.Start));
            builder.Append(_content, builder.OriginBefore(match.End));
            last = match.End;
        }

        builder.Copy(new TextRange(last, text.Length));
        return builder.Build();
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => Pattern.KeepsOut(utf8);
}
