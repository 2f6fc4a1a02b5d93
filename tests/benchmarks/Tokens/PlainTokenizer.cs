using System.Text;
using System.Text.RegularExpressions;

namespace DatasetBuild.Benchmarks;

/// <summary>The floor that a tokenizer is compared with.</summary>
internal interface IPlainCounter
{
    /// <summary>The number of tokens of a text.</summary>
    int Count(byte[] utf8);
}

/// <summary>
/// The floor: byte pair encoding as one would write it in an afternoon, with a dictionary, .NET's regular expressions and a scan for the lowest
/// rank. It matches UTF-16 units, so its counts may differ where text leaves the basic plane.
/// </summary>
internal sealed class PlainTokenizer : IPlainCounter
{
    private const string Words = @"[^\r\n\p{L}\p{N}]?\p{L}+";
    private const string Contractions = "'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    private readonly Dictionary<string, int> ranks = new(StringComparer.Ordinal);
    private readonly Regex pattern;

    public PlainTokenizer(string rankFile)
    {
        foreach (var line in File.ReadLines(rankFile).Where(line => line.Length > 0))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            ranks.Add(Encoding.Latin1.GetString(Convert.FromBase64String(line[..space])), int.Parse(line[(space + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        }

        var name = Path.GetFileName(rankFile);
        pattern = new Regex(
            name.StartsWith("o200k", StringComparison.Ordinal)
                ? $@"[^\r\n\p{{L}}\p{{N}}]?{Upper}*{Lower}+(?:{Contractions})?|[^\r\n\p{{L}}\p{{N}}]?{Upper}+{Lower}*(?:{Contractions})?"
                    + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
                : name.StartsWith("cl100k", StringComparison.Ordinal)
                    ? $@"(?:{Contractions})|{Words}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
                    : @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            RegexOptions.Compiled | RegexOptions.CultureInvariant);
    }

    public int Count(byte[] utf8)
    {
        var count = 0;
        var text = Encoding.UTF8.GetString(utf8);
        foreach (var match in pattern.EnumerateMatches(text))
        {
            count += CountPiece(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text, match.Index, match.Length)));
        }

        return count;
    }

    private int CountPiece(string piece)
    {
        if (ranks.ContainsKey(piece))
        {
            return 1;
        }

        var starts = Enumerable.Range(0, piece.Length + 1).ToList();
        while (true)
        {
            var (lowest, at) = (int.MaxValue, -1);
            for (var i = 0; i < starts.Count - 2; i++)
            {
                if (ranks.TryGetValue(piece[starts[i]..starts[i + 2]], out var rank) && rank < lowest)
                {
                    (lowest, at) = (rank, i + 1);
                }
            }

            if (at < 0)
            {
                return starts.Count - 1;
            }

            starts.RemoveAt(at);
        }
    }
}
