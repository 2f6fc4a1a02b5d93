using System.Text;

namespace DatasetBuild.Benchmarks;

/// <summary>
/// The floor for tokenizers in SentencePiece's manner: texts are cut at spaces with dictionaries of strings for all else. BPE takes the pair of lowest rank, Unigram the
/// best sum over all substrings.
/// </summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="isUnigram">Whether they are chosen by their scores rather than merged.</param>
internal sealed class PlainPieces(PieceVocabulary vocabulary, bool isUnigram) : IPlainCounter
{
    private const int LongestToken = 64;

    private readonly Dictionary<(string, string), int> ranks = vocabulary.Merges.Index().ToDictionary(merge => merge.Item, merge => merge.Index);
    private readonly Dictionary<string, double> scores = vocabulary.Tokens.Index().ToDictionary(token => token.Item, token => PieceVocabulary.Score(token.Index), StringComparer.Ordinal);

    public int Count(byte[] utf8)
    {
        var text = "\u2581" + Encoding.UTF8.GetString(utf8).Replace(' ', '\u2581');
        var (count, start) = (0, 0);
        for (var end = 1; end <= text.Length; end++)
        {
            if (end == text.Length || (text[end] == '\u2581' && text[end - 1] != '\u2581'))
            {
                count += isUnigram ? BestSum(text[start..end]) : Merge(text[start..end]);
                start = end;
            }
        }

        return count;
    }

    private int Merge(string word)
    {
        var symbols = word.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        while (true)
        {
            var (lowest, at) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) && rank < lowest)
                {
                    (lowest, at) = (rank, i);
                }
            }

            if (at < 0)
            {
                return symbols.Count;
            }

            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }

    private int BestSum(string word)
    {
        var best = Enumerable.Repeat((Sum: double.NegativeInfinity, Count: 0), word.Length + 1).ToArray();
        best[0] = (0, 0);
        for (var start = 0; start < word.Length; start++)
        {
            for (var end = start + 1; end <= Math.Min(word.Length, start + LongestToken); end++)
            {
                var known = scores.TryGetValue(word[start..end], out var score);
                score = known ? score : end == start + 1 ? PieceVocabulary.UnknownScore : double.NegativeInfinity;
                if (best[start].Sum + score > best[end].Sum)
                {
                    best[end] = (best[start].Sum + score, best[start].Count + 1);
                }
            }
        }

        return best[^1].Count;
    }
}
