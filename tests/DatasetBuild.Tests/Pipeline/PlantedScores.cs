using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Puts wrong values under right checksums into a cache: what no block check can find.</summary>
internal static class PlantedScores
{
    public static ScorerIdentity Bytes(Part part = Part.Record) => new LengthScorer(new ByteCounter(), part).Identity;

    public static void Plant(string cache, ScorerIdentity identity, RecordKey key, double value)
    {
        using var table = new ScoreStore(cache, _ => { }).Open(identity, sizeof(double));
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        table.Forget([key]);
        table.Append([key], bytes, [1]);
    }

    public static double? Read(string cache, ScorerIdentity identity, RecordKey key)
    {
        using var table = new ScoreStore(cache, _ => { }).Open(identity, sizeof(double));
        var (values, states) = (new byte[sizeof(double)], new byte[1]);
        table.Lookup([key], values, states);
        return states[0] == 1 ? BinaryPrimitives.ReadDoubleLittleEndian(values) : null;
    }
}
