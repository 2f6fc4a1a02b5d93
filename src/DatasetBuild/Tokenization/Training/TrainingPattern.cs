using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>How a tokenizer that is trained cuts texts into the pieces that no token reaches over: a published pattern, or a regular expression.</summary>
public sealed class TrainingPattern
{
    private static readonly Dictionary<string, string> Published = PublishedPatterns.Spellings
        .GroupBy(spelling => PublishedPatterns.FromRegex(spelling)!.Name, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

    private readonly string _expression;
    private readonly SplitPattern? _scanner;
    private readonly PatternPreTokenizer? _splitter;

    private TrainingPattern(string expression)
    {
        _expression = expression;
        _scanner = PublishedPatterns.FromRegex(expression);
        _splitter = _scanner is null ? new PatternPreTokenizer(new ExpressionPattern(expression), SplitBehavior.Isolated) : null;
    }

    /// <summary>The names of the published patterns.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Published.Keys];

    /// <summary>The pattern with a published name, or the one that a regular expression of Oniguruma spells.</summary>
    /// <exception cref="DatasetException">It is neither (DSB3020).</exception>
    public static TrainingPattern Parse(string pattern)
    {
        if (Published.TryGetValue(pattern, out var published))
        {
            return new TrainingPattern(published);
        }

        // No expression of use is a mere word; a name that is misspelt is one.
        if (pattern.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw Unusable($"The pattern '{pattern}' is unknown. There are {string.Join(", ", Names)}, and any regular expression.");
        }

        try
        {
            return new TrainingPattern(pattern);
        }
        catch (ExpressionException e)
        {
            throw Unusable($"The pattern {pattern} is malformed or not supported because of {e.Message}. Mend it, or name a published one ({string.Join(", ", Names)}).");
        }
    }

    /// <summary>Hands over the pieces of a text in order, and how many there are.</summary>
    internal int Split(ReadOnlySpan<byte> utf8, Action<ReadOnlySpan<byte>> onPiece)
    {
        var pieces = 0;
        if (_splitter is not null)
        {
            var whole = new TextRange(0, utf8.Length);
            foreach (var range in utf8.IsEmpty ? [] : _splitter.Split(new TextPieces(AlignedText.Of(utf8, whole), [whole])).Ranges)
            {
                onPiece(utf8[range.Start..range.End]);
                pieces++;
            }

            return pieces;
        }

        Span<int> ends = stackalloc int[512];
        for (var start = 0; start < utf8.Length;)
        {
            foreach (var end in ends[.._scanner!.Split(utf8, start, ends)])
            {
                onPiece(utf8[start..end]);
                start = end;
                pieces++;
            }
        }

        return pieces;
    }

    /// <summary>Writes the pre-tokenizer that cuts by this pattern and reads bytes.</summary>
    internal void WritePreTokenizer(Utf8JsonWriter json)
    {
        if (_scanner == PublishedPatterns.Gpt2)
        {
            WriteByteLevel(json, addPrefixSpace: false, useRegex: true);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", _expression);
        json.WriteEndObject();
        json.WriteString("behavior", nameof(SplitBehavior.Isolated));
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        WriteByteLevel(json, addPrefixSpace: false, useRegex: false);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>ByteLevel is pre-tokenizer, post-processor and decoder, always with the same members.</summary>
    internal static void WriteByteLevel(Utf8JsonWriter json, bool addPrefixSpace, bool useRegex, bool trimOffsets = true)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", addPrefixSpace);
        json.WriteBoolean("trim_offsets", trimOffsets);
        json.WriteBoolean("use_regex", useRegex);
        json.WriteEndObject();
    }

    private static DatasetException Unusable(string message) => new(TokenizerErrors.UnusablePattern, message);
}
