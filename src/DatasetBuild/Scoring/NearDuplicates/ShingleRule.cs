namespace DatasetBuild.Scoring;

/// <summary>What shingles are made of.</summary>
public enum ShingleUnit
{
    /// <summary>Words; of scripts without spaces, letters.</summary>
    Word,

    /// <summary>Characters, the space between two words among them.</summary>
    Character,
}

/// <summary>How a text becomes a set of shingles: its folded text's stretches of <paramref name="Size"/> units, each told from the others by 64 bits: XXH64 of the text with datatrove's folding, else a hash of its units' hashes.</summary>
public sealed record ShingleRule(ShingleUnit Unit, int Size, FoldingRule Folding)
{
    /// <summary>Five words (datatrove, text-dedup's example).</summary>
    public const int DefaultWords = 5;

    /// <summary>24 characters (NeMo Curator): with few, every text resembles every other.</summary>
    public const int DefaultCharacters = 24;

    public static ShingleRule Default { get; } = new(ShingleUnit.Word, DefaultWords, FoldingRule.Default);

    public static ShingleRule DataTrove { get; } = new(ShingleUnit.Word, DefaultWords, FoldingRule.DataTrove);

    /// <summary>Names the shingles of every text.</summary>
    public string Identity => FormattableString.Invariant($"shingle/2 {Unit} {Size} {Folding.Identity}");
}
