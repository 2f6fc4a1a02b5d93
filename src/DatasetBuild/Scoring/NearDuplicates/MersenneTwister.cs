namespace DatasetBuild.Scoring;

/// <summary>MT19937 (Matsumoto and Nishimura 1998), seeded and read as NumPy's <c>RandomState</c> does: published constants are made with it.</summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Shift = 397;

    private readonly uint[] state = new uint[Size];
    private int next = Size;

    public MersenneTwister(uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            state[i] = (1812433253u * (state[i - 1] ^ (state[i - 1] >> 30))) + (uint)i;
        }
    }

    /// <summary>A number from <paramref name="low"/> up to, and without, <paramref name="high"/>; all are equally likely.</summary>
    public ulong Between(ulong low, ulong high)
    {
        var range = high - 1 - low;
        var mask = ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(range);
        ulong drawn;
        do
        {
            drawn = (((ulong)Next() << 32) | Next()) & mask;
        }
        while (drawn > range);
        return drawn + low;
    }

    private uint Next()
    {
        if (next == Size)
        {
            Twist();
        }

        var y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (state[i] & 0x80000000) | (state[(i + 1) % Size] & 0x7fffffff);
            state[i] = state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908b0df : 0);
        }

        next = 0;
    }
}
