using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>The tables of rotary embedding that a model's threads share; they grow with the longest sequence. Thread-safe.</summary>
internal sealed class RotaryTables : IDisposable
{
    private const int Least = 512;

    private readonly Lock gate = new();
    private readonly Dictionary<RotarySet, RotaryTable> kept = new((IEqualityComparer<RotarySet>)ReferenceEqualityComparer.Instance);
    private readonly List<RotaryTable> outgrown = [];

    /// <summary>A table for a sequence. A set of angles that serves one length only is made for this use and gone behind it.</summary>
    /// <param name="rotary">The layer's.</param>
    /// <param name="whole">Tokens of the sequence.</param>
    /// <param name="positions">Of them that are computed.</param>
    public RotaryLease Take(RotaryEmbedding rotary, int whole, int positions)
    {
        var set = rotary.For(whole);
        if (set.ServesOneLength)
        {
            return new RotaryLease(new RotaryTable(set.Frequencies, set.Magnitude, positions), isOwn: true);
        }

        lock (gate)
        {
            if (!kept.TryGetValue(set, out var table) || table.Positions < positions)
            {
                if (table is not null)
                {
                    outgrown.Add(table); // another thread may be reading it
                }

                table = new RotaryTable(set.Frequencies, set.Magnitude, Math.Max(Least, positions + (positions / 2)));
                kept[set] = table;
            }

            return new RotaryLease(table, isOwn: false);
        }
    }

    public void Dispose()
    {
        foreach (var table in outgrown.Concat(kept.Values))
        {
            table.Dispose();
        }
    }
}

/// <summary>A table in use.</summary>
internal readonly struct RotaryLease(RotaryTable table, bool isOwn) : IDisposable
{
    public RotaryTable Table => table;

    public void Dispose()
    {
        if (isOwn)
        {
            table.Dispose();
        }
    }
}
