using System.Buffers;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>What a <see cref="TextNormalizer"/> may do, in the order in which it does it.</summary>
[Flags]
public enum NormalizationSteps
{
    None = 0,

    /// <summary>Removes Unicode White_Space at both ends.</summary>
    Trim = 1,

    /// <summary>Unicode normalization form C.</summary>
    Nfc = 2,

    /// <summary>Unicode normalization form KC, which also folds compatible characters: ligatures, full-width forms, superscripts.</summary>
    Nfkc = 4,

    /// <summary>Lower-cases each character by itself, without a language and without special rules such as the final sigma.</summary>
    Lower = 8,

    /// <summary>Turns each run of Unicode White_Space, also a single line break, into one space.</summary>
    CollapseWhitespace = 16,

    /// <summary>
    /// Removes the characters of the general categories P* (connectors, dashes, brackets, quotes and other punctuation); symbols such as
    /// <c>$ + = ^</c> are no punctuation. White space that stood on both sides of a removed character stays on both sides.
    /// </summary>
    StripPunctuation = 32,
}

/// <summary>Brings texts that should count as equal to equal bytes. The steps are applied in the order of <see cref="NormalizationSteps"/>.</summary>
public sealed class TextNormalizer(NormalizationSteps steps)
{
    private const NormalizationSteps PerCharacter =
        NormalizationSteps.Lower | NormalizationSteps.CollapseWhitespace | NormalizationSteps.StripPunctuation;

    public NormalizationSteps Steps { get; } = steps;

    /// <summary>Changes whenever a result could change: the steps and the Unicode data they use.</summary>
    public string Identity { get; } =
        $"normalize/1 {steps.ToString().Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant()}"
        + $" unicode={NormalizationData.UnicodeVersion},{UnicodeClasses.Digest}";

    /// <summary>
    /// Reads names of <see cref="NormalizationSteps"/>, separated by <c>;</c> or <c>,</c>, in any case and order. No name means no step.
    /// </summary>
    /// <exception cref="FormatException">A name is unknown or given twice.</exception>
    public static TextNormalizer Parse(string list)
    {
        var steps = NormalizationSteps.None;
        foreach (var name in list.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var known = Enum.GetNames<NormalizationSteps>().Where(step => step != nameof(NormalizationSteps.None)).ToList();
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new FormatException($"'{name}' is no normalization step. The steps are {string.Join(", ", known.Select(Spelling))}.");
            }

            var step = Enum.Parse<NormalizationSteps>(name, ignoreCase: true);
            if (steps.HasFlag(step))
            {
                throw new FormatException($"The normalization step '{name}' is given twice.");
            }

            steps |= step;
        }

        return new TextNormalizer(steps);
    }

    /// <summary>Appends the normalized form of one text of valid UTF-8.</summary>
    public void Normalize(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        var text = Steps.HasFlag(NormalizationSteps.Trim) ? Trim(utf8) : utf8;
        // Form KC of form C is form KC, so one pass does for both.
        var tables = Steps.HasFlag(NormalizationSteps.Nfkc) ? NormalizationTables.Compatible
            : Steps.HasFlag(NormalizationSteps.Nfc) ? NormalizationTables.Canonical
            : null;
        if ((Steps & PerCharacter) == 0)
        {
            if (tables is null)
            {
                output.Write(text);
            }
            else
            {
                UnicodeNormalization.Normalize(text, tables, output);
            }
        }
        else if (tables is null)
        {
            WriteCharacters(text, output);
        }
        else
        {
            var normalized = new ArrayBufferWriter<byte>(Math.Max(text.Length, 16));
            UnicodeNormalization.Normalize(text, tables, normalized);
            WriteCharacters(normalized.WrittenSpan, output);
        }
    }

    private static string Spelling(string step) => step.Length <= 4 && step.StartsWith("Nf", StringComparison.Ordinal) ? step.ToUpperInvariant() : step;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8)
    {
        var (start, end) = (0, utf8.Length);
        while (start < end && UnicodeClasses.Is(Utf8Scalars.Decode(utf8, start, out var length), UnicodeClasses.WhiteSpace))
        {
            start += length;
        }

        while (start < end && UnicodeClasses.Is(Utf8Scalars.DecodeBefore(utf8, end, out var before), UnicodeClasses.WhiteSpace))
        {
            end = before;
        }

        return utf8[start..end];
    }

    private void WriteCharacters(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        var lower = Steps.HasFlag(NormalizationSteps.Lower);
        var collapse = Steps.HasFlag(NormalizationSteps.CollapseWhitespace);
        var dropped = Steps.HasFlag(NormalizationSteps.StripPunctuation) ? UnicodeClasses.Punctuation : 0;
        var inSpace = false;
        for (var i = 0; i < utf8.Length;)
        {
            var code = Utf8Scalars.Decode(utf8, i, out var length);
            var classes = UnicodeClasses.Of(code);
            i += length;
            var space = collapse && (classes & UnicodeClasses.WhiteSpace) != 0;
            if ((classes & dropped) == 0 && !(space && inSpace))
            {
                code = space ? ' ' : lower ? Rune.ToLowerInvariant(new Rune(code)).Value : code;
                output.Advance(Utf8Scalars.Encode(code, output.GetSpan(4)));
            }

            inSpace = space;
        }
    }
}
