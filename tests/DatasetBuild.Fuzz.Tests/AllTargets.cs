using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Fuzz.Tests.Targets;

namespace DatasetBuild.Fuzz.Tests;

/// <summary>Everything that is fuzzed.</summary>
internal static class AllTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Makers = new()
    {
        ["json"] = () => new JsonTarget(),
        ["shard"] = () => new ShardTarget(),
        ["block"] = () => new BlockTarget(),
        ["stat-table"] = () => new StatTableTarget(),
        ["last-build"] = () => new LastBuildTarget(),
        ["verdict-fingerprints"] = () => new FingerprintTarget(),
        ["near-meetings"] = () => new MeetingsTarget(),
        ["known-project"] = () => new KnownProjectTarget(),
        ["remembered-plan"] = () => new RememberedPlanTarget(),
        ["field-column"] = () => new FieldColumnTarget(),
        ["shard-index"] = () => new ShardIndexTarget(),
        ["score-segment"] = () => new ScoresTarget(isLog: false),
        ["score-log"] = () => new ScoresTarget(isLog: true),
        ["commit-journal"] = () => new CommitJournalTarget(),
        ["plan"] = () => new PlanTarget(),
        ["event"] = () => new EventTarget(),
        ["tokenizer-json"] = () => new TokenizerTarget(isRanks: false),
        ["tiktoken"] = () => new TokenizerTarget(isRanks: true),
        ["safetensors"] = () => new SafetensorsTarget(),
        ["model-config"] = () => new ModelConfigTarget(),
        ["build"] = () => new BuildTarget(),
    };

    public static IEnumerable<string> Names => Makers.Keys;

    public static FuzzTarget Create(string name) => Makers[name]();
}
