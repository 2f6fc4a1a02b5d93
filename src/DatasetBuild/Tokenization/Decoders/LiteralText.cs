using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Replacements of literal texts that decoders share.</summary>
internal static class LiteralText
{
    private static readonly (string Old, string New)[] Artefacts =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <summary>Removes the spaces that decoding leaves around punctuation and English contractions.</summary>
    public static string CleanUp(string text) => Artefacts.Aggregate(text, (result, artefact) => Replace(result, artefact.Old, artefact.New));

    /// <summary>Replaces each occurrence. An empty text occurs before each character and at the end.</summary>
    public static string Replace(string text, string old, string replacement)
    {
        if (old.Length > 0)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        var result = new StringBuilder(replacement);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(rune.ToString()).Append(replacement);
        }

        return result.ToString();
    }
}
