using System.Collections.Concurrent;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>Which records share words with which evaluation item: of most pools a few.</summary>
internal sealed class SharedByRecord(EvaluationSet evaluation)
{
    private readonly ConcurrentDictionary<int, SharedWords> shared = [];

    public void Add(int record, SharedWords words) => shared[record] = words;

    /// <summary>The item and the words, or null where the record shares none.</summary>
    public EvaluationMatch? this[int record] => shared.TryGetValue(record, out var words) ? evaluation.Match(words) : null;

    /// <summary>The items that the records of a shard share words with, in the order of the records.</summary>
    public IEnumerable<EvaluationMatch> In(PoolShard shard) =>
        shared.IsEmpty ? [] : Enumerable.Range(shard.First, shard.Count).Select(record => this[record]).OfType<EvaluationMatch>();

    /// <summary>The item's JSON as its file has it, or null.</summary>
    public string? JsonOf(int record) => shared.TryGetValue(record, out var words) ? evaluation.JsonOf(words) : null;
}
