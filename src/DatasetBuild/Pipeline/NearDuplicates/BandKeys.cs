using System.Buffers.Binary;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Brings the band keys of all records that take part, as many bands at a time as memory allows.</summary>
internal sealed class BandKeys(StageContext context, NearDuplicateScorer scorer, DedupOrder order)
{
    private readonly int[] placeOf = new int[order.Keys.Length];

    /// <param name="onStates">
    /// Hears, by place, what there is of each record (a <see cref="Scores"/> state), and whether for the first time; before the keys.
    /// </param>
    /// <param name="onKeys">Hears the keys of some bands, in their order, by place; 0 where there is none.</param>
    public ScoringFacts Read(Action<byte[], bool> onStates, Action<ulong[][]> onKeys)
    {
        for (var place = 0; place < order.Numbers.Length; place++)
        {
            placeOf[order.Numbers[place]] = place;
        }

        var bands = scorer.Rule.Bands.Bands;
        var some = NearMemory.BandsAtOnce(context.Session.Settings.MemoryLimit, order.Numbers.Length, bands);
        var facts = default(ScoringFacts);
        for (var first = 0; first < bands; first += some)
        {
            var keys = new ulong[Math.Min(some, bands - first)][];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = new ulong[order.Numbers.Length];
            }

            var states = new byte[order.Numbers.Length];
            var asked = Read(context, 0, first, states, keys);
            if (context.OfBase() is { } known)
            {
                Read(known, context.Pool.Count, first, states, keys);
            }

            facts = first == 0 ? asked : facts;
            LargeArrays.LetGo((long)asked.Scored * scorer.Width); // what they were gathered in
            onStates(states, first == 0);
            onKeys(keys);
            keys = [];
            LargeArrays.LetGo((long)order.Numbers.Length * some * sizeof(ulong));
        }

        return facts;
    }

    private ScoringFacts Read(StageContext asked, int firstNumber, int firstBand, byte[] states, ulong[][] keys) =>
        StoredScores.Read(asked, scorer, (first, found, values) =>
        {
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] == Scores.NotEntered)
                {
                    continue;
                }

                var place = placeOf[firstNumber + first + i];
                states[place] = found[i];
                if (found[i] == Scores.HasValue)
                {
                    var value = values.Slice((i * scorer.Width) + (firstBand * sizeof(ulong)), keys.Length * sizeof(ulong));
                    for (var band = 0; band < keys.Length; band++)
                    {
                        keys[band][place] = BinaryPrimitives.ReadUInt64LittleEndian(value[(band * sizeof(ulong))..]);
                    }
                }
            }
        });
}
