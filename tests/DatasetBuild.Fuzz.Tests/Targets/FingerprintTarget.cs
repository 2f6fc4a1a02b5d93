using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>The fingerprints of what verdicts say.</summary>
internal sealed class FingerprintTarget : PayloadTarget
{
    public override string Name => "verdict-fingerprints";

    protected override string Kind => "verdict-fingerprints";

    protected override int Version => 1;

    protected override string PathOf(byte[] payload) => Scratch.At("verdicts.blk");

    public override IEnumerable<byte[]> Seeds()
    {
        VerdictFingerprints.Save(PathOf([]), [new("verdicts/a.csv", 1), new("verdicts/b.csv", 2)]);
        yield return PayloadOf(PathOf([]));
    }

    protected override string Load(byte[] payload) => $"{Checks.Bucket(VerdictFingerprints.Load(PathOf(payload)).Count)}";
}
