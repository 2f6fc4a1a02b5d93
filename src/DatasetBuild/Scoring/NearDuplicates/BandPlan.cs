namespace DatasetBuild.Scoring;

/// <summary>How many bands a signature is cut into, and how many rows each has: two records meet where all rows of a band agree.</summary>
public readonly record struct BandPlan(int Bands, int Rows)
{
    /// <summary>A stored value has at most 256 bytes, 8 for each band.</summary>
    public const int MaxBands = 32;

    /// <summary>More rows than this make no pair meet but equal texts.</summary>
    public const int MaxRows = 64;

    /// <summary>datatrove's.</summary>
    public static BandPlan DataTrove => new(14, 8);

    private const int MaxPermutations = 128;
    private const double FoundAtThreshold = 0.92;

    /// <summary>The share of pairs of a Jaccard similarity that meet in a band or more: 1 - (1 - s^rows)^bands.</summary>
    public double Found(double similarity) => 1 - Math.Pow(1 - Math.Pow(similarity, Rows), Bands);

    /// <summary>
    /// The plan with the most rows, and so the fewest pairs to be looked at in vain, by which at most 128 permutations find 92 of 100 pairs that are just at the threshold; of most
    /// pairs above it none is lost. 14 x 8 for 0.8. Null where there is none.
    /// </summary>
    public static BandPlan? For(double threshold)
    {
        BandPlan? best = null;
        for (var rows = 1; rows <= MaxRows; rows++)
        {
            var bands = 1;
            while (bands <= MaxBands && new BandPlan(bands, rows).Found(threshold) < FoundAtThreshold)
            {
                bands++;
            }

            if (bands <= MaxBands && bands * rows <= MaxPermutations)
            {
                best = new BandPlan(bands, rows);
            }
        }

        return best;
    }
}
