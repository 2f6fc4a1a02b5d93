using DatasetBuild.Records;
using DatasetBuild.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

public sealed class DuplicateSelectorTests
{
    [Fact]
    public void Of_equal_records_the_first_of_the_highest_priority_survives() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var pool = new ScoredPool(seed);
            var priorities = pool.Keys.Select((_, i) => (seed + (i / 7)) % 3).ToArray();
            var expected = pool.Entered.GroupBy(record => pool.Keys[record])
                .ToDictionary(group => group.Key, group => group.OrderByDescending(record => priorities[record]).ThenBy(record => record).First());

            DuplicateSelector.Apply(1, pool.Entered, pool.Keys, record => priorities[record], pool.Fates);

            pool.Entered.Where(record => pool.Fates.DroppedBy(record) < 0).ShouldBe(expected.Values.Order());
            foreach (var record in pool.Entered.Where(record => pool.Fates.DroppedBy(record) >= 0))
            {
                (pool.Fates.DroppedBy(record), pool.Fates.Reason(record), pool.Fates.Twin(record)).ShouldBe((1, DropReason.Duplicate, expected[pool.Keys[record]]));
            }
        }));

    [Fact]
    public void A_record_that_does_not_enter_is_nobodys_twin()
    {
        var keys = Enumerable.Repeat(new RecordKey(1, 1), 3).ToArray();
        var fates = new Fates(3);
        fates.Drop(0, 0, DropReason.BelowMin);

        DuplicateSelector.Apply(1, [1, 2], keys, _ => 0, fates);

        Enumerable.Range(0, 3).Where(record => fates.DroppedBy(record) < 0).ShouldBe([1]);
        fates.Twin(2).ShouldBe(1);
        fates.Twin(0).ShouldBe(-1);
    }
}
