using DatasetBuild.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

/// <summary>The selector against one that sorts everything and counts with exact fractions.</summary>
public sealed class ValueSelectorTests
{
    private static readonly string[] GroupNames = ["b", "a", "B"];

    [Fact]
    public void What_stays_is_what_a_plain_selection_keeps() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1500),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var pool = new ScoredPool(seed);
            var random = new Random(seed ^ 0x5eed);
            var rule = RandomRule(random, out var permille);
            var grouped = random.Next(3) == 0 && (rule.Keep is not null || rule.Band is not null);
            var expected = Expected(pool, rule, permille, grouped);

            ValueSelector.Apply(rule, 1, pool.Entered, pool.Scores, grouped ? pool.GroupOf : null, GroupNames, pool.Tokens, pool.Keys, pool.Fates);

            pool.Entered.Where(record => pool.Fates.DroppedBy(record) < 0).ShouldBe(expected.Order(), $"{rule} grouped: {grouped}");
            pool.Entered.Where(record => pool.Fates.DroppedBy(record) >= 0).ShouldAllBe(record => pool.Fates.DroppedBy(record) == 1 && ReasonFits(pool, rule, record));
        }));

    [Fact]
    public void Limits_are_inclusive()
    {
        var scores = new Scores(5);
        for (var i = 0; i < 5; i++)
        {
            (scores.Value[i], scores.State[i]) = (i, Scores.HasValue);
        }

        var fates = new Fates(5);
        ValueSelector.Apply(new ValueRule { Min = 1, Max = 3 }, 0, [0, 1, 2, 3, 4], scores, null, null, null, new DatasetBuild.Records.RecordKey[5], fates);

        Enumerable.Range(0, 5).Where(record => fates.DroppedBy(record) < 0).ShouldBe([1, 2, 3]);
        (fates.Reason(0), fates.Reason(4)).ShouldBe((DropReason.BelowMin, DropReason.AboveMax));
    }

    [Fact]
    public void Groups_are_reported_by_name_with_the_last_value_kept()
    {
        var scores = new Scores(6);
        for (var i = 0; i < 6; i++)
        {
            (scores.Value[i], scores.State[i]) = (i, Scores.HasValue);
        }

        var cuts = ValueSelector.Apply(
            new ValueRule { Keep = new Keep.Records(1) }, 0, [0, 1, 2, 3, 4, 5], scores, [0, 0, 1, 1, 2, 2], GroupNames, null, new DatasetBuild.Records.RecordKey[6], new Fates(6));

        cuts.ShouldBe([new GroupCut("B", 2, 1, 1, 5), new GroupCut("a", 2, 1, 1, 3), new GroupCut("b", 2, 1, 1, 1)]);
    }

    private static ValueRule RandomRule(Random random, out (int Low, int High) permille)
    {
        permille = (random.Next(0, 500), random.Next(500, 1001));
        var rule = new ValueRule
        {
            PreferHighest = random.Next(2) == 0,
            TiesByPosition = random.Next(2) == 0,
            Missing = random.Next(2) == 0 ? MissingPolicy.Keep : MissingPolicy.Drop,
            Min = random.Next(3) == 0 ? random.Next(-1, 2) : null,
            Max = random.Next(3) == 0 ? random.Next(1, 4) : null,
        };
        return random.Next(5) switch
        {
            0 => rule with { Keep = new Keep.Records(random.Next(250)) },
            1 => rule with { Keep = new Keep.ShareOf(new Share(permille.High / 1000m)) },
            2 => rule with { Keep = new Keep.Tokens(random.Next(1500)) },
            3 => rule with { Band = (new Share(permille.Low / 1000m), new Share(permille.High / 1000m)) },
            _ => rule,
        };
    }

    private static List<int> Expected(ScoredPool pool, ValueRule rule, (int Low, int High) permille, bool grouped)
    {
        var kept = pool.Entered.Where(record => rule.Missing == MissingPolicy.Keep && pool.Scores.State[record] != Scores.HasValue).ToList();
        foreach (var group in pool.WithValue.GroupBy(record => grouped ? pool.GroupOf[record] : 0))
        {
            var count = group.Count();
            var inRange = group.Where(record => !(pool.Scores.Value[record] < rule.Min) && !(pool.Scores.Value[record] > rule.Max));
            var ranked = pool.Ranked(inRange, rule.PreferHighest, rule.TiesByPosition);
            var low = count * permille.Low / 1000;
            var high = count * permille.High / 1000;
            kept.AddRange(rule switch
            {
                { Keep: Keep.Records(var records) } => ranked.Take(records),
                { Keep: Keep.ShareOf } => ranked.Take(high),
                { Keep: Keep.Tokens(var budget) } => ranked.TakeWhile((_, i) => ranked.Take(i + 1).Sum(record => (long)pool.Tokens.Value[record]) <= budget),
                { Band: not null } => ranked.Take(high).Skip(low),
                _ => ranked,
            });
        }

        return kept;
    }

    private static bool ReasonFits(ScoredPool pool, ValueRule rule, int record) => pool.Fates.Reason(record) switch
    {
        DropReason.Missing => pool.Scores.State[record] != Scores.HasValue,
        DropReason.BelowMin => pool.Scores.Value[record] < rule.Min,
        DropReason.AboveMax => pool.Scores.Value[record] > rule.Max,
        DropReason.OutsideBand => rule.Band is not null,
        DropReason.NotKept => rule.Keep is not null,
        _ => false,
    };
}
