namespace DatasetBuild.Scoring;

/// <summary>
/// The hash functions h(x) = (a x + b) mod 2^64 that stand for permutations of all shingles; with <see cref="IsModular"/> each result is taken modulo
/// the prime 2^61 - 1 (METHODS, section 12.2).
/// </summary>
public sealed class Permutations
{
    /// <summary>2^61 - 1.</summary>
    public const ulong Prime = (1UL << 61) - 1;

    private const uint DataTroveSeed = 1;

    private Permutations(string identity, ulong[] multipliers, ulong[] summands, bool isModular)
    {
        Identity = identity;
        Multipliers = multipliers;
        Summands = summands;
        IsModular = isModular;
    }

    /// <summary>Names all of them.</summary>
    public string Identity { get; }

    public int Count => Multipliers.Length;

    public bool IsModular { get; }

    internal ulong[] Multipliers { get; }

    internal ulong[] Summands { get; }

    /// <summary>Those of a seed: odd multipliers, so that no two shingles meet.</summary>
    public static Permutations Seeded(int count, int seed)
    {
        var multipliers = new ulong[count];
        var summands = new ulong[count];
        var state = (ulong)seed;
        for (var i = 0; i < count; i++)
        {
            multipliers[i] = SplitMix64.Next(ref state) | 1;
            summands[i] = SplitMix64.Next(ref state);
        }

        return new Permutations(FormattableString.Invariant($"splitmix64 seed={seed}"), multipliers, summands, isModular: false);
    }

    /// <summary>The 112 of datatrove's <c>MinhashConfig</c>: NumPy's <c>RandomState(1)</c>, first all multipliers, then all summands.</summary>
    public static Permutations DataTrove(int count)
    {
        var random = new MersenneTwister(DataTroveSeed);
        var multipliers = new ulong[count];
        var summands = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            multipliers[i] = random.Between(1, Prime);
        }

        for (var i = 0; i < count; i++)
        {
            summands[i] = random.Between(0, Prime);
        }

        return new Permutations("datatrove", multipliers, summands, isModular: true);
    }
}
