using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>A dataset and one that takes it in, built once from the packages for all tests of a class.</summary>
public sealed class TwoDatasets : IDisposable
{
    private int records = Samples.RecordsPerShard;

    public TwoDatasets(PackedFeed feed)
    {
        Derived = Samples.BaseAndDerived(feed);
        Derived.Run("build", []).ShouldSucceed();
    }

    internal SampleProject Derived { get; }

    /// <summary>How many records enter the dataset that takes in the other one's.</summary>
    public int Entering => records + Samples.RecordsPerShard;

    /// <summary>What must not change when there is nothing to do.</summary>
    public Dictionary<string, string> Stamps() => FileStamp.Under(
        Derived.PathOf("bin"), Derived.StatePath, Derived.PathOf("../base/bin"), Derived.PathOf("../base/obj/Debug/net10.0/dataset"));

    /// <summary>A new record for the dataset that is taken in.</summary>
    public void AddARecord()
    {
        records++;
        File.AppendAllText(Derived.PathOf("../base/data/a.jsonl"), Messages.Chat($"What is new at {records}?", "Not much.") + "\n");
    }

    public void Dispose() => Derived.Dispose();
}
