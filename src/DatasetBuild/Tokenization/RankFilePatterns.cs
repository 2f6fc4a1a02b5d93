namespace DatasetBuild.Tokenization;

/// <summary>
/// Which pattern belongs to a rank file, which does not say so itself: the published files are known by their digests; then a pattern named in
/// the file's name counts as declared; then the number of ranks decides, where it is that of a published vocabulary.
/// </summary>
internal static class RankFilePatterns
{
    private static readonly (string Name, string Digest, SplitPattern Pattern)[] Published =
    [
        ("r50k_base", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930", PublishedPatterns.Gpt2),
        ("p50k_base", "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069", PublishedPatterns.Gpt2),
        ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7", PublishedPatterns.Cl100k),
        ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d", PublishedPatterns.O200k),
    ];

    private static readonly (string Hint, SplitPattern Pattern)[] Hints =
    [
        ("gpt2", PublishedPatterns.Gpt2),
        ("r50k", PublishedPatterns.Gpt2),
        ("p50k", PublishedPatterns.Gpt2),
        ("cl100k", PublishedPatterns.Cl100k),
        ("o200k", PublishedPatterns.O200k),
        ("qwen", PublishedPatterns.Qwen),
    ];

    private static readonly (int Ranks, string Vocabulary, SplitPattern Pattern)[] Sizes =
    [
        (50_256, "GPT-2", PublishedPatterns.Gpt2),
        (50_280, "p50k_base", PublishedPatterns.Gpt2),
        (100_256, "cl100k_base", PublishedPatterns.Cl100k),
        (128_000, "Llama 3", PublishedPatterns.Cl100k),
        (151_643, "Qwen", PublishedPatterns.Qwen),
        (199_998, "o200k_base", PublishedPatterns.O200k),
    ];

    public static SplitPattern Choose(TokenizerFile file, int ranks)
    {
        foreach (var (_, digest, pattern) in Published)
        {
            if (digest == file.Digest)
            {
                return pattern;
            }
        }

        var name = file.DisplayPath[(file.DisplayPath.LastIndexOfAny(['/', '\\']) + 1)..];
        foreach (var (published, digest, _) in Published)
        {
            // A download that broke off at the end of a line reads well and would count other tokens.
            if (name.Equals($"{published}.tiktoken", StringComparison.OrdinalIgnoreCase))
            {
                throw file.Error(
                    TokenizerErrors.ChangedRanks,
                    $"The file bears the name of the published vocabulary {published} and has other content (SHA-256 {file.Digest}, published"
                    + $" {digest}). Fetch it again; or, if it is a vocabulary of your own, give it another name.");
            }
        }

        var hinted = Hints.Where(hint => name.Contains(hint.Hint, StringComparison.OrdinalIgnoreCase)).Select(hint => hint.Pattern).Distinct().ToList();
        if (hinted.Count == 1)
        {
            return hinted[0];
        }

        var sized = Sizes.Where(size => size.Ranks == ranks).Select(size => size.Pattern).SingleOrDefault();
        return sized ?? throw file.Error(
            TokenizerErrors.UnknownRanks,
            $"The pattern that cuts text for this rank file is unknown. Tried: the digests of {string.Join(", ", Published.Select(p => p.Name))}"
            + $"; a pattern named in the file's name ({string.Join(", ", Hints.Select(hint => hint.Hint))}; found {hinted.Count})"
            + $"; the number of ranks ({ranks}; known are {string.Join(", ", Sizes.Select(size => $"{size.Ranks} of {size.Vocabulary}"))})."
            + " Name the pattern in the file's name (my.cl100k.tiktoken), or use the model's tokenizer.json.");
    }
}
