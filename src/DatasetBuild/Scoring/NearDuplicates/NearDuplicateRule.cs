using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>All that decides the band keys of a record: which texts, which shingles, which permutations, which bands.</summary>
/// <param name="Part">The texts.</param>
/// <param name="Shingles">The shingles.</param>
/// <param name="Permutations">Bands x rows of them.</param>
/// <param name="Bands">The bands.</param>
public sealed record NearDuplicateRule(Part Part, ShingleRule Shingles, Permutations Permutations, BandPlan Bands)
{
    /// <summary>What a stage without parameters asks for: five words, case and punctuation folded, 14 bands of 8 rows.</summary>
    public static NearDuplicateRule Default(Part part) => new(part, ShingleRule.Default, Permutations.Seeded(BandPlan.DataTrove.Bands * BandPlan.DataTrove.Rows, 0), BandPlan.DataTrove);

    /// <summary>datatrove's constants and folding (METHODS, section 12.2), with words that end at white space.</summary>
    public static NearDuplicateRule DataTrove(Part part) =>
        new(part, ShingleRule.DataTrove, Permutations.DataTrove(BandPlan.DataTrove.Bands * BandPlan.DataTrove.Rows), BandPlan.DataTrove);
}
