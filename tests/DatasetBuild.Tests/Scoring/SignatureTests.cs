using System.Text;
using System.Text.Json;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Scoring;

public sealed class SignatureTests
{
    [Fact]
    public void The_preset_gives_datatroves_constants_and_signatures()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("golden", "minhash_datatrove_params.json")));
        var rule = NearDuplicateRule.DataTrove(Part.Record);
        rule.Permutations.Multipliers.ShouldBe(Numbers(golden.RootElement.GetProperty("a")));
        rule.Permutations.Summands.ShouldBe(Numbers(golden.RootElement.GetProperty("b")));
        var scorer = new NearDuplicateScorer(rule);
        foreach (var sample in golden.RootElement.GetProperty("samples").EnumerateArray())
        {
            var signature = scorer.SignatureOf(Encoding.UTF8.GetBytes(sample.GetProperty("text").GetString()!), out var folded);

            folded.ShouldBe(sample.GetProperty("simplified").GetString());
            signature.ShouldBe(sample.GetProperty("signature").ValueKind == JsonValueKind.Null ? null : Numbers(sample.GetProperty("signature")));
        }

        static ulong[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => ulong.Parse(number.GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Theory]
    [InlineData("1,000,000 and 3.14.15", "0 0 and 0 0")]
    [InlineData("a1b22 v2.0", "a0b0 v0")]
    [InlineData("٣٫٥ ３．１", "0 0 0")]
    [InlineData("ΟΔΥΣΣΕΥΣ ΣΑΣ", "οδυσσευς σας")]
    [InlineData("ÅNGSTRÖM • İstanbul", "angstrom • istanbul")]
    [InlineData("x\u00A0y\u0085z\u200Bw", "x y z\u200Bw")]
    [InlineData("a \u0301 b", "a b")]
    public void The_preset_folds_as_datatrove_does(string text, string expected)
    {
        new NearDuplicateScorer(NearDuplicateRule.DataTrove(Part.Record)).SignatureOf(Encoding.UTF8.GetBytes(text), out var folded);

        folded.ShouldBe(expected);
    }

    [Theory]
    [InlineData("Don't  PANIC:\n(river-bank)!", "don t panic river bank")]
    [InlineData("C++ → C#; Übung 3.14", "c c übung 3 14")]
    [InlineData("你好，世界 abc日本語ー", "你 好 世 界 abc 日 本 語 ー")]
    [InlineData("سلام، دنیا!", "سلام دنیا")]
    [InlineData("ภาษาไทย", "ภ า ษ า ไ ท ย")]
    [InlineData("हिन्दी में", "हिन्दी में")]
    [InlineData("co\u00ADop", "coop")]
    [InlineData("…!?", "")]
    public void By_default_case_punctuation_and_spacing_do_not_count(string text, string expected) => Folded(text, FoldingRule.Default).ShouldBe(expected);

    [Theory]
    [InlineData(TextFolds.None, "A-b  C1,000", "A-b C1,000")]
    [InlineData(TextFolds.Lower, "A-b  C", "a-b c")]
    [InlineData(TextFolds.Numbers, "A 1,000 B", "A 0 B")]
    [InlineData(TextFolds.Diacritics | TextFolds.Punctuation, "É.e", "E e")]
    public void Each_fold_can_be_had_alone(TextFolds folds, string text, string expected) => Folded(text, new FoldingRule(folds, IsDataTrove: false)).ShouldBe(expected);

    [Fact]
    public void With_and_without_vectors_all_bits_are_the_same() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(400),
        Prop.ForAll(Selection.Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var text = Encoding.UTF8.GetBytes(RandomText(random));
            var folding = random.Next(3) switch
            {
                0 => FoldingRule.Default,
                1 => FoldingRule.DataTrove,
                _ => new FoldingRule((TextFolds)random.Next(16), IsDataTrove: false),
            };
            var rule = new ShingleRule((ShingleUnit)random.Next(2), random.Next(1, 6), folding);
            var table = new CharacterTable(folding);
            var (vector, scalar) = (Shingles(new Shingler(rule, table), text, out var folded), Shingles(new Shingler(rule, table, isScalar: true), text, out var foldedByOnes));
            folded.ShouldBe(foldedByOnes);
            vector.ShouldBe(scalar);

            var permutations = random.Next(2) == 0 ? Permutations.DataTrove(random.Next(1, 150)) : Permutations.Seeded(random.Next(1, 150), seed);
            var (one, other) = (Enumerable.Repeat(ulong.MaxValue, permutations.Count).ToArray(), Enumerable.Repeat(ulong.MaxValue, permutations.Count).ToArray());
            MinHashKernel.Update(permutations, [.. vector], one);
            MinHashKernel.Scalar(permutations, [.. vector], other);
            one.ShouldBe(other);
        }));

    [Theory]
    [InlineData(0.8, 14, 8)]
    [InlineData(0.5, 19, 3)]
    [InlineData(1.0, 1, 64)]
    public void Bands_and_rows_follow_from_the_threshold(double threshold, int bands, int rows) => BandPlan.For(threshold).ShouldBe(new BandPlan(bands, rows));

    [Fact]
    public void No_plan_is_made_that_loses_most_pairs_at_the_threshold()
    {
        BandPlan.For(0.05).ShouldBeNull();
        for (var threshold = 0.1; threshold <= 1; threshold += 0.01)
        {
            BandPlan.For(threshold)!.Value.Found(threshold).ShouldBeGreaterThanOrEqualTo(0.92);
        }
    }

    private static List<ulong> Shingles(Shingler shingler, byte[] text, out string folded)
    {
        var shingles = new List<ulong>();
        shingler.Shingle(text, some => shingles.AddRange(some));
        folded = Encoding.UTF8.GetString(shingler.Text);
        return shingles;
    }

    private static string Folded(string text, FoldingRule folding)
    {
        Shingles(new Shingler(ShingleRule.Default with { Folding = folding }), Encoding.UTF8.GetBytes(text), out var folded);
        return folded;
    }

    private static string RandomText(Random random)
    {
        string[] pieces = ["a", "Z", "word", " ", "  ", "\n", ".", ",", "-", "'", "0", "12", "3.5", "1,000", "\0", "\u007F", "é", "e\u0301", "Σ", "ß", "İ", "中", "文", "ไ", "😀", "\u00AD", "\u3000", "٣", "٫", "—", "a-very-long-word-without-an-end-to-it-that-is-longer-than-one-copy"];
        return string.Concat(Enumerable.Range(0, random.Next(120)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
