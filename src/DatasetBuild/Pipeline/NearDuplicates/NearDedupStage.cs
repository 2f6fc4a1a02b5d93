using System.Collections.Concurrent;
using System.Globalization;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>How a stage takes records for near duplicates.</summary>
/// <param name="Threshold">The least Jaccard similarity of two records' shingles.</param>
/// <param name="Linkage">Which of them are one cluster.</param>
/// <param name="LargeCluster">A cluster of more records than this is warned of.</param>
/// <param name="Missing">What becomes of a record that does not have the part.</param>
internal sealed record NearDedupRule(JaccardThreshold Threshold, LinkageKind Linkage, int LargeCluster, MissingPolicy Missing);

/// <summary>
/// Keeps one of all records that resemble each other: the one with the highest priority, then the first in canonical order. Records that have a band key in common are
/// compared shingle by shingle; one that is too short for a shingle resembles its equals alone.
/// </summary>
internal sealed class NearDedupStage(string name, string kind, NearDuplicateScorer scorer, NearDedupRule rule) : Stage(name, kind)
{
    public override IReadOnlyList<string> Identities => [scorer.Identity.Text];

    public override IReadOnlyList<IScorer> Scorers => [scorer];

    public override bool UsesBase => true;

    public LinkageKind Linkage => rule.Linkage;

    public override StageOutcome Run(StageContext context)
    {
        var order = DedupOrder.Of(context.Pool, context.Entered);
        var scores = new Scores(context.Pool.Count);
        var copies = new List<(int Place, int First)>();
        var (candidates, facts) = FindCandidates(context, order, scores, copies);
        var fixedCount = Array.BinarySearch(candidates.Records, order.BaseCount) is var at && at >= 0 ? at : ~at;
        var linkage = Selection.Linkage.Of(rule.Linkage, candidates, fixedCount, rule.Threshold);
        new NearLinker(context, scorer, order, candidates, linkage, NearMemory.BatchBytes(context.Session.Settings.MemoryLimit)).Link();
        Drop(context, order, candidates, linkage, copies, scores);
        WarnOfLargeClusters(context);
        WarnOfMemory(context, order.Numbers.Length);
        WarnOfBands(context);
        WarnOfCrowds(context, linkage.Crowded);
        return new StageOutcome(facts, scores, []);
    }

    /// <summary>Finds the records to be compared; those that are copies of others are not among them.</summary>
    private (Candidates Candidates, ScoringFacts Facts) FindCandidates(StageContext context, DedupOrder order, Scores scores, List<(int Place, int First)> copies)
    {
        var states = Array.Empty<byte>();
        var matches = new List<ulong[]>();
        var earlier = EarlierMeetings.Of(context, scorer.Identity);
        var facts = new BandKeys(context, scorer, order, earlier.Meetings).Read(
            read =>
            {
                states = read;
                TakeStates(context, order, states, scores);
                return WithoutCopies(order, states, copies);
            },
            (keys, slots, places) => matches.AddRange(Match(context, keys, slots, places)));
        var candidates = new Candidates(order.Numbers.Length, matches);
        if (context.Session.Trial is null)
        {
            earlier.Save(order, states, candidates, copies);
        }

        return (candidates, facts);
    }

    public override void DropCertain(StageContext context)
    {
        if (rule.Missing == MissingPolicy.Drop)
        {
            MissingValues.DropStored(context, scorer);
        }
    }

    /// <summary>Templates and boilerplate make clusters that nobody meant; what their records share says which.</summary>
    private void WarnOfLargeClusters(StageContext context)
    {
        const int MostNamed = 3, MostRead = 8;
        var sizes = new int[context.Pool.Count + (context.Pool.Base?.Count ?? 0)];
        for (var record = 0; record < context.Pool.Count; record++)
        {
            if (TwinOf(record) is >= 0 and var twin)
            {
                sizes[twin]++;
            }
        }

        foreach (var survivor in Enumerable.Range(0, sizes.Length).Where(record => sizes[record] >= rule.LargeCluster).OrderByDescending(record => sizes[record]).Take(MostNamed))
        {
            List<int> others = [.. Enumerable.Range(0, context.Pool.Count).Where(record => TwinOf(record) == survivor)];

            // The last records beside the first: neighbours may be alike for other reasons.
            var shared = SharedText.Of(scorer, RecordTexts.Canonical(context.Session, context.Pool, [survivor, .. others.TakeLast(MostRead - 1)]));
            context.Session.Report(new Diagnostic(
                Severity.Warning,
                DataCodes.LargeCluster,
                $"stage '{Name}' takes {others.Count + 1} records for one ({RecordTexts.PlaceOf(context.Session, context.Pool, survivor)} stays), more than LargeCluster {rule.LargeCluster}. "
                + (shared.Length > 0 ? $"They share \"{Visible.Of(shared)}\". " : "")
                + "Raise Threshold or choose a Part without what all share, or raise LargeCluster if they are one.",
                context.Session.Plan.Project));
        }

        int TwinOf(int record) => context.Fates.DroppedBy(record) == context.Number ? context.Fates.Twin(record) : -1;
    }

    private void WarnOfBands(StageContext context)
    {
        const double TooFew = 0.5;
        var bands = scorer.Rule.Bands;
        var found = bands.Found((double)rule.Threshold.Value);
        if (found < TooFew)
        {
            context.Session.Report(context.Session.Plan.LocationOf(Name).Say(
                Severity.Warning,
                DataCodes.FewPairs,
                $"stage '{Name}': Bands {bands.Bands} and Rows {bands.Rows} find {(100 * found).ToString(found < 0.01 ? "0.###" : "0", CultureInfo.InvariantCulture)} of 100 pairs with a similarity of Threshold {rule.Threshold.Value.ToString(CultureInfo.InvariantCulture)}. Take them (or Preset) away, and they follow from Threshold; or declare more bands or fewer rows."));
        }
    }

    private void WarnOfMemory(StageContext context, int records)
    {
        if (context.Session.Settings.MemoryLimit < NearMemory.Least(records))
        {
            context.Session.Report(ItemLocation.Property(context.Session.Plan.Project, "DatasetMemoryLimit").Say(
                Severity.Warning,
                ProjectCodes.MemoryLimit,
                $"DatasetMemoryLimit is less than stage '{Name}' can make do with: {records} records take about {(NearMemory.Least(records) + 999_999) / 1_000_000}MB. It went on with as little as it can. Raise the limit to that."));
        }
    }

    private void WarnOfCrowds(StageContext context, int crowded)
    {
        if (crowded > 0)
        {
            context.Session.Report(new Diagnostic(
                Severity.Warning,
                DataCodes.CrowdedBands,
                $"stage '{Name}': {crowded} records share band keys with more than {Selection.Linkage.MaxListed} others that they were compared with in vain, and with no more of them. Duplicates among them may have stayed. Give Rows a higher number, or choose a Part without what all share.",
                context.Session.Plan.Project));
        }
    }

    private void TakeStates(StageContext context, DedupOrder order, byte[] states, Scores scores)
    {
        foreach (var record in order.Numbers.AsSpan(order.BaseCount))
        {
            if (states[record] > Scores.HasValue)
            {
                scores.State[record] = states[record];
                MissingValues.Handle(context, record, states[record], rule.Missing);
            }
        }
    }

    /// <summary>The places of the records that have a value, but for those whose key an earlier one has: what becomes of that becomes of them.</summary>
    private static int[] WithoutCopies(DedupOrder order, byte[] states, List<(int Place, int First)> copies)
    {
        var placeOf = new int[order.Keys.Length];
        var places = new List<int>(order.Numbers.Length);
        for (var place = 0; place < order.Numbers.Length; place++)
        {
            placeOf[order.Numbers[place]] = place;
            if (states[order.Numbers[place]] == Scores.HasValue)
            {
                places.Add(place);
            }
        }

        var isCopy = new bool[order.Numbers.Length];
        DuplicateSelector.Find([.. places.Select(place => order.Numbers[place])], order.Keys, (number, first) =>
        {
            copies.Add((placeOf[number], placeOf[first]));
            isCopy[placeOf[number]] = true;
        });
        places.RemoveAll(place => isCopy[place]);
        return [.. places];
    }

    private static ulong[][] Match(StageContext context, ulong[][] keys, int[] slots, int[] places)
    {
        var matches = new ulong[keys.Length][];
        var finders = new ConcurrentBag<BandMatches>();
        context.Session.Parallel(keys.Length, band =>
        {
            var finder = finders.TryTake(out var free) ? free : new BandMatches();
            matches[band] = finder.Find(keys[band], slots, places);
            finders.Add(finder);
        });
        return matches;
    }

    private static void Drop(StageContext context, DedupOrder order, Candidates candidates, Selection.Linkage linkage, List<(int Place, int First)> copies, Scores scores)
    {
        var nodeOf = new int[order.Numbers.Length]; // from 1: most have none
        for (var node = 0; node < candidates.Records.Length; node++)
        {
            nodeOf[candidates.Records[node]] = node + 1;
            DropNode(candidates.Records[node], node);
        }

        foreach (var (place, first) in copies)
        {
            if (place >= order.BaseCount && (nodeOf[first] == 0 || !DropNode(place, nodeOf[first] - 1)))
            {
                DropOne(place, first, 1, DropReason.Duplicate);
            }
        }

        // As the record of a node, unless that stays.
        bool DropNode(int place, int node)
        {
            var survivor = linkage.Survivors[node];
            if (survivor != node)
            {
                DropOne(place, candidates.Records[survivor], linkage.Links[node].Jaccard, DropReason.NearDuplicate);
            }

            return survivor != node;
        }

        void DropOne(int place, int twin, double jaccard, DropReason why)
        {
            var record = order.Numbers[place];
            context.Fates.DropDuplicate(record, context.Number, order.Numbers[twin], why);
            scores.State[record] = Scores.HasValue;
            scores.Value[record] = jaccard;
        }
    }
}
