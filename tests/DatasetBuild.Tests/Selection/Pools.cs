using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Tests.Selection;

/// <summary>A pool of scored records, drawn from a seed: many ties, both zeros, equal keys, records without a value, some that did not enter.</summary>
internal sealed class ScoredPool
{
    private static readonly double[] Common = [0.0, -0.0, 1, -1, 2.5, double.Epsilon, -double.Epsilon, double.MaxValue, -double.MaxValue, 1e-300];

    public ScoredPool(int seed, int most = 200)
    {
        var random = new Random(seed);
        var count = random.Next(most);
        Keys = new RecordKey[count];
        Scores = new Scores(count);
        Tokens = new Scores(count);
        GroupOf = new int[count];
        Fates = new Fates(count);
        var entered = new List<int>();
        var spread = random.Next(3);
        for (var i = 0; i < count; i++)
        {
            // Few distinct keys, some that differ in their low half alone.
            Keys[i] = spread == 0 ? new RecordKey((ulong)random.Next(3), (ulong)random.Next(5)) : new RecordKey((ulong)random.NextInt64(), (ulong)random.Next(2));
            Tokens.Value[i] = random.Next(20);
            Tokens.State[i] = Scores.HasValue;
            GroupOf[i] = random.Next(3);
            if (random.Next(10) == 0)
            {
                Fates.Drop(i, 0, DropReason.Duplicate);
                continue;
            }

            entered.Add(i);
            Scores.State[i] = random.Next(8) == 0 ? (byte)(2 + random.Next(3)) : Scores.HasValue;
            Scores.Value[i] = Scores.State[i] != Scores.HasValue ? 0 : spread == 2 ? random.NextDouble() - 0.5 : Common[random.Next(Common.Length)];
        }

        Entered = [.. entered];
    }

    public RecordKey[] Keys { get; }

    public Scores Scores { get; }

    public Scores Tokens { get; }

    public int[] GroupOf { get; }

    public Fates Fates { get; }

    public int[] Entered { get; }

    public List<int> WithValue => [.. Entered.Where(record => Scores.State[record] == Scores.HasValue)];

    /// <summary>Best first, in the plainest way there is.</summary>
    public List<int> Ranked(IEnumerable<int> records, bool highest, bool byPosition) =>
    [
        .. records
            .OrderBy(record => highest ? -Scores.Value[record] : Scores.Value[record])
            .ThenBy(record => byPosition ? "" : Keys[record].ToString(), StringComparer.Ordinal)
            .ThenBy(record => record),
    ];
}
