using System.Text;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Tool.Answers;

/// <summary>A record of a cluster that was dropped, and how it differs from the one that survives.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Stage">The stage that dropped it.</param>
/// <param name="Jaccard">The similarity that the stage found, to the survivor or to a link of the chain to it; null where it compares for equality.</param>
/// <param name="IsChained">Whether it is that to a link.</param>
/// <param name="Changes">What differs, in words.</param>
internal sealed record ClusterMember(RecordPlace Place, string Stage, double? Jaccard, bool IsChained, IReadOnlyList<WordChange> Changes);

/// <summary>Records that were taken for one.</summary>
/// <param name="Size">How many, with the survivor.</param>
/// <param name="Survivor">The one that stands for all.</param>
/// <param name="Text">Its texts.</param>
/// <param name="Samples">Some of the others: the least similar first.</param>
internal sealed record DuplicateCluster(int Size, RecordPlace Survivor, string Text, IReadOnlyList<ClusterMember> Samples);

/// <summary>Gathers clusters from what was dropped for what.</summary>
internal sealed class DuplicateClusters(Analysis analysis)
{
    private readonly VerdictReader verdicts = new(analysis);

    /// <summary>How many clusters of two or more there are.</summary>
    public int Count { get; private set; }

    /// <summary>The largest, largest first.</summary>
    /// <param name="most">How many of them.</param>
    /// <param name="samples">How many of the others of each.</param>
    /// <param name="stage">Only what this stage dropped; null: all stages.</param>
    public List<DuplicateCluster> Largest(int most, int samples, int? stage)
    {
        var members = new Dictionary<int, List<int>>();
        for (var record = 0; record < analysis.Pool.Count; record++)
        {
            if (analysis.Fates.Twin(record) is >= 0 and var twin && (stage is null || stage == analysis.Fates.DroppedBy(record)))
            {
                var survivor = stage is null ? Last(twin) : twin;
                (members.TryGetValue(survivor, out var others) ? others : members[survivor] = []).Add(record);
            }
        }

        Count = members.Count;
        return [.. members.OrderByDescending(cluster => cluster.Value.Count).ThenBy(cluster => cluster.Key).Take(most).Select(cluster => Describe(cluster.Key, cluster.Value, samples))];
    }

    /// <summary>What survived one stage may have been dropped for another record at a later one.</summary>
    private int Last(int survivor)
    {
        while (survivor < analysis.Pool.Count && analysis.Fates.Twin(survivor) is >= 0 and var next)
        {
            survivor = next;
        }

        return survivor;
    }

    private DuplicateCluster Describe(int survivor, List<int> others, int samples)
    {
        var chosen = others.OrderBy(record => JaccardOf(record) ?? 1).ThenBy(record => record).Take(samples).ToList();
        var texts = RecordTexts.Canonical(analysis.Session, analysis.Pool, [survivor, .. chosen]);
        return new DuplicateCluster(
            others.Count + 1,
            PlaceOf(survivor),
            TextOf(texts[0], Part.Record),
            [.. chosen.Select((record, i) => Member(record, others.Count > 1, texts[0], texts[i + 1]))]);
    }

    /// <summary>What the stage compared is what differs: of other parts it knows nothing.</summary>
    private ClusterMember Member(int record, bool mayBeChained, byte[] survivor, byte[] canonical)
    {
        var stage = analysis.Stages[analysis.Fates.DroppedBy(record)];
        var part = Enum.Parse<Part>(stage.Parameters.FirstOrDefault(parameter => parameter.Name == nameof(Part))?.Value ?? nameof(Part.Record), ignoreCase: true);
        return new ClusterMember(PlaceOf(record), stage.Name, JaccardOf(record), mayBeChained && analysis.IsChained(record), WordDifference.Of(TextOf(survivor, part), TextOf(canonical, part)));
    }

    private double? JaccardOf(int record) =>
        analysis.Outcomes[analysis.Fates.DroppedBy(record)].Scores is { } scores && scores.State[record] == Scores.HasValue ? scores.Value[record] : null;

    private RecordPlace PlaceOf(int number)
    {
        var (pool, record) = analysis.Pool.Locate(number);
        return new RecordPlace(verdicts.ShardOf(number).Name, verdicts.LineOf(number), pool.Keys[record].ToString());
    }

    private static string TextOf(byte[] canonical, Part part)
    {
        var text = new StringBuilder();
        foreach (var utf8 in new Conversation(canonical).Texts(part))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(Encoding.UTF8.GetString(utf8));
        }

        return text.ToString();
    }
}
