using System.Runtime.InteropServices;
using DatasetBuild.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

public sealed class KeySetTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(12)] // so few bits that strangers look like keys
    public void It_has_what_was_put_in_and_nothing_else(int bits) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(20),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var mask = ulong.MaxValue >> (64 - bits);
            ulong[][] lists = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Keys(random.Next(500)))];
            var all = lists.SelectMany(keys => keys).Where(key => key != 0).ToHashSet();

            var set = new KeySet(lists);

            foreach (var key in all.Concat(Keys(500)).Append(0ul))
            {
                set.ContainsAny(Bytes(key)).ShouldBe(all.Contains(key));
                var strangers = Keys(5).Where(other => !all.Contains(other));
                set.ContainsAny(Bytes([.. strangers, key, .. strangers])).ShouldBe(all.Contains(key));
            }

            set.ContainsAny([]).ShouldBeFalse();

            ulong[] Keys(int count) => [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) & mask)];
        }));

    private static byte[] Bytes(params ulong[] keys) => MemoryMarshal.AsBytes(keys.AsSpan()).ToArray();
}
