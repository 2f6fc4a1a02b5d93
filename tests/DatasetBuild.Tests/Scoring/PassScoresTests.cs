using System.Text.Json;
using DatasetBuild.Scoring;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Scoring;

/// <summary>The formulas, against worked numbers, and against the plainest way to write them.</summary>
public sealed class PassScoresTests
{
    private const double Close = 1e-12;

    [Fact]
    public void Ifd_is_the_ratio_that_its_form_names()
    {
        var golden = Golden("ifd");
        var (conditioned, alone) = (Mean(golden.GetProperty("cond_token_nll")), Mean(golden.GetProperty("direct_token_nll")));
        PassScores.Ifd(conditioned, alone, IfdForm.LossRatio).ShouldBe(golden.GetProperty("ifd_cherry_loss_ratio").GetDouble(), Close);
        PassScores.Ifd(conditioned, alone, IfdForm.PerplexityRatio).ShouldBe(golden.GetProperty("ifd_superfilter_ppl_ratio").GetDouble(), Close);
    }

    [Fact]
    public void A_response_alone_without_a_token_before_it_has_one_loss_less()
    {
        var golden = Golden("ifd");
        var missing = golden.GetProperty("superfilter_direct_first_token_missing");
        var direct = PassValue.Of([0, .. Floats(golden.GetProperty("direct_token_nll"))[1..]], [1, 1, 1, 1], isTruncated: false);
        var conditioned = PassValue.Of([0, .. Floats(golden.GetProperty("cond_token_nll"))], [0, 1, 1, 1, 1], isTruncated: false);
        direct.Mean.ShouldBe(missing.GetProperty("direct_mean_over_n_minus_1").GetDouble(), 1e-7);
        direct.MeanWithoutFirst.ShouldBe(direct.Mean);
        PassScores.Ifd(conditioned.Mean, direct.Mean, IfdForm.PerplexityRatio).ShouldBe(missing.GetProperty("ifd").GetDouble(), 1e-7);
        conditioned.MeanWithoutFirst.ShouldBe((0.8 + 0.4 + 0.9) / 3, 1e-7);
    }

    [Fact]
    public void Learnability_is_the_share_of_the_loss_that_training_took_away()
    {
        foreach (var row in Golden("lobass").EnumerateArray())
        {
            var (initial, reference) = (row.GetProperty("l_base").GetDouble(), row.GetProperty("l_ref").GetDouble());
            PassScores.Learnability(initial, reference, LearnabilityForm.Raw).ShouldBe(row.GetProperty("rho").GetDouble(), Close);
            var share = PassScores.Learnability(initial, reference, LearnabilityForm.Normalized);
            if (row.GetProperty("learnability").ValueKind == JsonValueKind.Null)
            {
                double.IsFinite(share).ShouldBeFalse("a division by 0 is no score");
            }
            else
            {
                share.ShouldBe(row.GetProperty("learnability").GetDouble(), Close);
            }
        }
    }

    [Theory]
    [InlineData(RatingForm.Paper, "token_paper", "sentence_paper")]
    [InlineData(RatingForm.Reference, "token_code", "sentence_code")]
    public void A_rating_is_what_the_paper_or_the_code_makes_of_the_probabilities(RatingForm form, string tokens, string sentence)
    {
        var golden = Golden("selectit");
        var ratings = golden.GetProperty("raw_probs").EnumerateArray().Select(row => PassScores.TokenRating(row.EnumerateArray().Select(p => p.GetDouble()).ToArray(), form)).ToArray();
        foreach (var (rating, expected) in ratings.Zip(golden.GetProperty(tokens).EnumerateArray()))
        {
            rating.ShouldBe(expected.GetDouble(), Close);
        }

        var variance = ratings.Select(rating => (rating - ratings.Average()) * (rating - ratings.Average())).Average();
        PassScores.SentenceRating(ratings.Average(), variance, golden.GetProperty("alpha").GetDouble()).ShouldBe(golden.GetProperty(sentence).GetDouble(), Close);
    }

    [Fact]
    public void Sums_are_those_of_the_supervised_tokens_that_have_one_before_them() => Prop.ForAll<byte[]>(bytes =>
    {
        var (losses, weights) = (bytes.Select(b => b / 16f).ToArray(), bytes.Select(b => (b % 3) / 2f).ToArray());
        var value = PassValue.Of(losses, weights, isTruncated: bytes.Length > 7);
        var counted = Enumerable.Range(0, bytes.Length).Where(i => i > 0 && weights[i] > 0).ToList();
        value.TokenCount.ShouldBe(counted.Count);
        value.LossSum.ShouldBe(counted.Sum(i => (double)weights[i] * losses[i]), 1e-9);
        value.WeightSum.ShouldBe(counted.Sum(i => (double)weights[i]), 1e-9);
        var first = Array.FindIndex(weights, weight => weight > 0);
        (float.IsNaN(value.FirstLoss) ? -1 : value.FirstLoss).ShouldBe(first > 0 ? losses[first] : -1);

        var stored = new byte[PassValue.Size];
        value.Write(stored);
        PassValue.Read(stored).ShouldBe(value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_exponential_is_within_two_units_of_the_last_place_of_the_systems() => Prop.ForAll<double>(number =>
    {
        var x = double.IsFinite(number) ? number % 700 : 1;
        var expected = Math.Exp(x);
        Math.Abs(Exponential.Of(x) - expected).ShouldBeLessThanOrEqualTo(2 * (Math.BitIncrement(expected) - expected), $"{x}");
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_exponential_ends_where_doubles_do()
    {
        Exponential.Of(0).ShouldBe(1);
        Exponential.Of(710).ShouldBe(double.PositiveInfinity);
        Exponential.Of(double.PositiveInfinity).ShouldBe(double.PositiveInfinity);
        Exponential.Of(-746).ShouldBe(0);
        Exponential.Of(double.NegativeInfinity).ShouldBe(0);
        Exponential.Of(double.NaN).ShouldBe(double.NaN);
    }

    private static JsonElement Golden(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("golden", "formula_vectors.json")));
        return document.RootElement.GetProperty(name).Clone();
    }

    private static float[] Floats(JsonElement numbers) => [.. numbers.EnumerateArray().Select(number => number.GetSingle())];

    private static double Mean(JsonElement numbers) => numbers.EnumerateArray().Average(number => number.GetDouble());
}
