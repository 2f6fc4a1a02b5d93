namespace DatasetBuild.Tokenization;

/// <summary>
/// The published patterns and every spelling of them that means the same. A pattern that is not among them is refused by name:
/// a near miss would count other pieces.
/// </summary>
internal static class PublishedPatterns
{
    public static readonly SplitPattern Gpt2 = new Gpt2Pattern();
    public static readonly SplitPattern Cl100k = new Cl100kPattern("cl100k", numbers: 3);
    public static readonly SplitPattern Qwen2 = new Cl100kPattern("qwen2", numbers: 1);
    public static readonly SplitPattern O200k = new O200kPattern();

    private const string O200kWords =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

    // Possessive quantifiers and factored contractions change how a match is found, not what matches.
    private static readonly Dictionary<string, SplitPattern> BySpelling = new(StringComparer.Ordinal)
    {
        [@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] = Gpt2,
        [@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] = Gpt2,
        [@"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"] = Gpt2,
        [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = Cl100k,
        [@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = Cl100k,
        [@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"] = Cl100k,
        [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = Qwen2,
        [O200kWords + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = O200k,
    };

    /// <summary>The pattern with this name, or null.</summary>
    public static SplitPattern? Named(string name) => Array.Find([Gpt2, Cl100k, Qwen2, O200k], pattern => pattern.Name == name);

    /// <summary>The pattern that a regular expression spells, or null if it is none of the published ones.</summary>
    public static SplitPattern? FromRegex(string regex) => BySpelling.GetValueOrDefault(regex);
}
