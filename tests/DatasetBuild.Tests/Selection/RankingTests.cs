using DatasetBuild.Records;
using DatasetBuild.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

public sealed class RankingTests
{
    [Fact]
    public void Ranks_are_those_of_a_plain_sort() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(400),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var (highest, byPosition) = (seed % 2 == 0, seed % 3 == 0);
            var pool = new ScoredPool(seed);
            int[] records = [.. pool.WithValue];
            var ranking = new Ranking(records, pool.Scores, pool.Keys, highest, byPosition);
            var expected = pool.Ranked(records, highest, byPosition);

            ranking.All().ShouldBe(expected);
            foreach (var k in (int[])[-1, 0, 1, records.Length / 3, records.Length - 1, records.Length, records.Length + 5])
            {
                ranking.First(k).ShouldBe(expected.Take(k).Order());
            }
        }));

    [Fact]
    public void Keys_are_ordered_as_by_a_plain_sort() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var keys = new ScoredPool(seed, most: 3000).Keys;

            KeyOrder.Of(keys).ShouldBe(Enumerable.Range(0, keys.Length).OrderBy(i => keys[i].ToString(), StringComparer.Ordinal).ThenBy(i => i));
        }));

    [Fact]
    public void A_thousand_copies_are_ordered_by_position()
    {
        var keys = Enumerable.Repeat(new RecordKey(5, 5), 1000).ToArray();

        KeyOrder.Of(keys).ShouldBe(Enumerable.Range(0, 1000));
    }

    [Fact]
    public void The_kth_best_is_that_of_a_plain_sort() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(100),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var counts = random.Next(2) == 0;
            var values = Enumerable.Range(0, 2 + random.Next(300))
                .Select(_ => counts || random.Next(2) == 0 ? random.Next(-3, 3) : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300))).ToArray();
            var records = Enumerable.Range(0, values.Length).Where(record => record == 0 || random.Next(3) > 0).ToArray();
            var highest = random.Next(2) == 0;
            var k = random.Next(records.Length);

            var rank = RadixSelect.Find(records, values, highest ? ulong.MaxValue : 0, k, out var smaller, out var equal);

            var ranked = records.Select(record => highest ? -values[record] : values[record]).Order().ToList();
            rank.ShouldBe(RadixSelect.Orderable(highest ? -ranked[k] : ranked[k]) ^ (highest ? ulong.MaxValue : 0));
            smaller.ShouldBe(ranked.Count(value => value < ranked[k]));
            equal.ShouldBe(ranked.Count(value => value == ranked[k]));
        }));

    [Fact]
    public void Orderable_numbers_order_as_their_values_and_both_zeros_are_one()
    {
        double[] values = [-double.MaxValue, -1e300, -1, -double.Epsilon, 0, double.Epsilon, 1e-300, 1, Math.BitIncrement(1), double.MaxValue];

        values.Select(RadixSelect.Orderable).ShouldBeInOrder();
        values.Select(RadixSelect.Orderable).Distinct().Count().ShouldBe(values.Length);
        RadixSelect.Orderable(-0.0).ShouldBe(RadixSelect.Orderable(0.0));
    }
}
