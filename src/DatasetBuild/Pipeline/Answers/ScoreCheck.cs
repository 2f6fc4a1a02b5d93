using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Scores a sample of what is stored again and compares it bit by bit: the one check that finds a wrong value under a right checksum. Which records are taken
/// follows from the seed and from what is stored; every scorer gets an equal part of the sample, as far as it has so many. Nothing in the cache changes.
/// </summary>
public sealed class ScoreCheck
{
    private readonly string cacheRoot;
    private readonly int sample;
    private readonly long seed;
    private readonly SortedDictionary<string, SampleCandidates> scorers = new(StringComparer.Ordinal);

    private ScoreCheck(string cacheRoot, int sample, long seed)
    {
        this.cacheRoot = cacheRoot;
        this.sample = sample;
        this.seed = seed;
    }

    /// <summary>Checks the scores that the records of some projects have.</summary>
    /// <param name="cacheRoot">The cache.</param>
    /// <param name="plans">The projects' plans; another cache that they name is not looked at.</param>
    /// <param name="sample">How many stored values to score again, over all scorers.</param>
    /// <param name="seed">Another seed takes other records.</param>
    /// <param name="skip">Hears of a project that cannot be read, and why; null: that ends the check.</param>
    /// <param name="observer">Hears how far it is.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <param name="models">Opens language models.</param>
    /// <returns>One for each scorer in the cache, by the names of their folders.</returns>
    /// <exception cref="DatasetException">A project cannot be read.</exception>
    /// <exception cref="BuildFailedException">The same, already reported.</exception>
    public static IReadOnlyList<ScorerCheck> Run(string cacheRoot, IEnumerable<Plan> plans, int sample, long seed, Action<Plan, string>? skip, IBuildObserver observer, CancellationToken cancel, ILanguageModelLoader? models = null)
    {
        var check = new ScoreCheck(cacheRoot, sample, seed);
        foreach (var plan in plans)
        {
            try
            {
                check.Gather(Analysis.Index(new BuildSession(plan, observer, cancel, new Trial(), cacheRoot, models)));
            }
            catch (Exception error) when (skip is not null && error is DatasetException or BuildFailedException)
            {
                skip(plan, error is DatasetException mistake ? mistake.Diagnostic.ToString() : "its records cannot be read");
            }
        }

        return check.Score();
    }

    private void Gather(Analysis analysis)
    {
        var scorersOf = analysis.Stages.SelectMany(stage => stage.Scorers.Select(scorer => (stage.Name, Scorer: scorer))).DistinctBy(pair => pair.Scorer.Identity).ToList();
        if (scorersOf.Count == 0)
        {
            return;
        }

        var keys = Rescoring.DistinctKeys(analysis.Pool);
        var recordOf = new Lazy<int[]>(() => FirstRecords(analysis.Pool));
        foreach (var (stage, scorer) in scorersOf)
        {
            if (!scorers.TryGetValue(scorer.Identity.Folder, out var candidates))
            {
                scorers[scorer.Identity.Folder] = candidates = new SampleCandidates(scorer.Identity.Text, sample);
            }

            using var table = analysis.Session.Store.Open(scorer.Identity, scorer.Width);
            candidates.Stored = table.CountKeys();
            var states = new byte[keys.Length];
            var values = new byte[keys.Length * scorer.Width];
            table.Lookup(keys, values, states);
            for (var i = 0; i < keys.Length; i++)
            {
                if (states[i] != Scores.NotEntered)
                {
                    var number = i;
                    candidates.Offer(Rank(keys[i]), keys[i], () => new SampleCandidate(
                        analysis, stage, scorer, keys[number], recordOf.Value[number], new StoredValue(states[number], values.AsSpan(number * scorer.Width, scorer.Width).ToArray())));
                }
            }
        }
    }

    /// <summary>For each distinct key, ascending, the first record that has it.</summary>
    private static int[] FirstRecords(Pool pool)
    {
        var order = KeyOrder.Of(pool.Keys);
        var firsts = new List<int>(order.Length);
        for (var i = 0; i < order.Length; i++)
        {
            if (i == 0 || pool.Keys[order[i]] != pool.Keys[order[i - 1]])
            {
                firsts.Add(order[i]);
            }
            else
            {
                firsts[^1] = Math.Min(firsts[^1], order[i]);
            }
        }

        return [.. firsts];
    }

    private ulong Rank(RecordKey key)
    {
        Span<byte> seeded = stackalloc byte[8 + RecordKey.Size];
        BinaryPrimitives.WriteInt64LittleEndian(seeded, seed);
        key.Write(seeded[8..]);
        return XxHash64.Hash(seeded);
    }

    private List<ScorerCheck> Score()
    {
        var quotas = Quotas();
        var total = quotas.Values.Sum();
        var done = 0;
        var checks = new List<ScorerCheck>();
        foreach (var stored in CacheSummary.Of(cacheRoot).Identities.OrderBy(identity => identity.Folder, StringComparer.Ordinal))
        {
            if (!scorers.TryGetValue(stored.Folder, out var candidates))
            {
                checks.Add(new ScorerCheck(stored.Folder, stored.Text, stored.Entries, 0, 0, []));
                continue;
            }

            var chosen = candidates.First(quotas[stored.Folder]);
            var differences = new List<ScoreDifference>();
            foreach (var group in chosen.GroupBy(candidate => candidate.Analysis))
            {
                using var opened = group.Key.Session.Models;
                Score(group.Key, [.. group.OrderBy(candidate => candidate.Record)], total, ref done, differences);
            }

            checks.Add(new ScorerCheck(stored.Folder, candidates.Identity, candidates.Stored, candidates.Count, chosen.Count, [.. differences.OrderBy(difference => difference.Key)]));
        }

        return checks;
    }

    /// <summary>How many of each scorer's values are scored again: equal parts, and what a scorer does not have so many of goes to the others.</summary>
    private Dictionary<string, int> Quotas()
    {
        var quotas = new Dictionary<string, int>(StringComparer.Ordinal);
        var left = sample;
        var open = scorers.OrderBy(scorer => scorer.Value.Count).ThenBy(scorer => scorer.Key, StringComparer.Ordinal).ToList();
        for (var i = 0; i < open.Count; i++)
        {
            var part = (int)Math.Min(open[i].Value.Count, left / (open.Count - i));
            quotas[open[i].Key] = part;
            left -= part;
        }

        return quotas;
    }

    private static void Score(Analysis analysis, SampleCandidate[] chosen, int total, ref int done, List<ScoreDifference> differences)
    {
        var (stage, scorer) = (chosen[0].Stage, chosen[0].Scorer);
        var copies = Copies(analysis, chosen);
        var byRecord = chosen.ToDictionary(candidate => candidate.Record);
        var before = done;
        new RecordScan(analysis.Session, analysis.Pool).Conversations([.. byRecord.Keys.Order()], (records, batch) =>
        {
            var values = new byte[records.Count * scorer.Width];
            var states = new byte[records.Count];
            scorer.Score(batch, values, states);
            lock (differences)
            {
                for (var i = 0; i < records.Count; i++)
                {
                    var candidate = byRecord[records[i]];
                    var again = new StoredValue(states[i], values.AsSpan(i * scorer.Width, scorer.Width).ToArray());
                    if (!candidate.Stored.Is(again))
                    {
                        differences.Add(Difference(candidate, candidate.Stored.ToString(), again));
                    }
                    else if (copies.TryGetValue(records[i], out var copy) && !copy.Is(again))
                    {
                        differences.Add(Difference(candidate, $"{copy}, in the copy beside its shard,", again));
                    }
                }

                before += records.Count;
                analysis.Session.Progress($"Score again {stage}", before, total);
            }
        });
        done = before;
    }

    /// <summary>What the columns of the records' shards say of them: that is what a warm build reads.</summary>
    private static Dictionary<int, StoredValue> Copies(Analysis analysis, SampleCandidate[] chosen)
    {
        var copies = new Dictionary<int, StoredValue>();
        var scorer = chosen[0].Scorer;
        if (analysis.Session.Store.GenerationOf(scorer.Identity) is not { } generation)
        {
            return copies;
        }

        foreach (var group in chosen.GroupBy(candidate => analysis.Pool.ShardOf(candidate.Record)))
        {
            var shard = group.Key;
            using var column = ScoreColumn.TryLoad(analysis.Session.Derived, scorer.Identity, generation, scorer.Width, shard.IndexHash, shard.Count);
            foreach (var record in group.Select(candidate => candidate.Record))
            {
                var place = record - shard.First;
                if (column is not null && column.StateOf(place) != Scores.NotEntered)
                {
                    copies.Add(record, new StoredValue(column.StateOf(place), column.Values.Slice(place * scorer.Width, scorer.Width).ToArray()));
                }
            }
        }

        return copies;
    }

    private static ScoreDifference Difference(SampleCandidate candidate, string stored, StoredValue again)
    {
        var shard = candidate.Analysis.Pool.ShardOf(candidate.Record);
        return new ScoreDifference(
            candidate.Analysis.Session.Plan.Project,
            candidate.Stage,
            candidate.Scorer.Identity.Text,
            candidate.Key,
            shard.Declared.FullPath,
            PoolIndexer.Load(candidate.Analysis.Session, shard).LineOf(candidate.Record - shard.First),
            stored,
            again.ToString());
    }
}
