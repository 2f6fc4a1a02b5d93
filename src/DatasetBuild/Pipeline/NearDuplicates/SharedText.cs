using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>Finds what records have in common, in words.</summary>
internal static class SharedText
{
    private const int MaxLength = 200;

    /// <summary>The longest stretch of the first text whose shingles all texts have; empty where there is none.</summary>
    /// <param name="scorer">Says what shingles are.</param>
    /// <param name="conversations">Canonical conversations, two or more.</param>
    public static string Of(NearDuplicateScorer scorer, IReadOnlyList<byte[]> conversations)
    {
        var shingler = scorer.NewShingler();
        var common = new HashSet<ulong>(ShinglesOf(conversations[^1]));
        foreach (var other in conversations.SkipLast(1).Skip(1))
        {
            common.IntersectWith(ShinglesOf(other));
        }

        var first = ShinglesOf(conversations[0]);
        var (start, longest) = (0, 0);
        for (int i = 0, run = 0; i < first.Count; i++)
        {
            run = common.Contains(first[i]) ? run + 1 : 0;
            (start, longest) = run > longest ? (i - run + 1, run) : (start, longest);
        }

        if (longest == 0)
        {
            return first.Count == 0 ? Shown(shingler.Text) : "";
        }

        return Shown(shingler.Stretch(start, longest));

        List<ulong> ShinglesOf(byte[] canonical)
        {
            var shingles = new List<ulong>();
            shingler.Shingle(new Conversation(canonical), scorer.Rule.Part, some => shingles.AddRange(some), out _);
            return shingles;
        }
    }

    private static string Shown(ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text);
        return shown.Length <= MaxLength ? shown : shown[..MaxLength].TrimEnd() + "…";
    }
}
