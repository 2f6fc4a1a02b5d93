using System.Text;
using DatasetBuild.Scoring;

namespace DatasetBuild.Tests.Scoring;

public sealed class ShingleHashTests
{
    [Theory]
    [InlineData(ShingleUnit.Word, 1)]
    [InlineData(ShingleUnit.Word, 2)]
    [InlineData(ShingleUnit.Word, 5)]
    [InlineData(ShingleUnit.Word, 13)]
    [InlineData(ShingleUnit.Character, 1)]
    [InlineData(ShingleUnit.Character, 24)]
    public void Shingles_have_one_hash_exactly_if_they_have_one_text(ShingleUnit unit, int size)
    {
        var random = new Random(size);

        // Words of all lengths around that of a machine word, of one to four bytes a character, and some that differ in length alone.
        string[] words = ["a", "b", "aa", "aaa", "ab", "ba", "aaaaaaa", "aaaaaaaa", "aaaaaaaaa", "abcdefgh", "abcdefghi", "é", "éé", "𝕒", "слово", new('x', 40), new('x', 41)];
        var hashes = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var texts = new Dictionary<ulong, string>();
        var shingler = new Shingler(new ShingleRule(unit, size, FoldingRule.Default));
        for (var round = 0; round < 20; round++)
        {
            var text = string.Join(' ', random.GetItems(words, random.Next(1, 1500)));
            var units = unit == ShingleUnit.Word ? text.Split(' ') : [.. text.EnumerateRunes().Select(rune => rune.ToString())];
            var found = new List<ulong>();
            shingler.Shingle(Encoding.UTF8.GetBytes(text), some => found.AddRange(some)).ShouldBe(units.Length >= size);

            found.Count.ShouldBe(Math.Max(0, units.Length - size + 1));
            for (var i = 0; i < found.Count; i++)
            {
                var shingle = string.Join(unit == ShingleUnit.Word ? " " : "", units.AsSpan(i, size).ToArray());
                hashes.TryAdd(shingle, found[i]);
                texts.TryAdd(found[i], shingle);
                hashes[shingle].ShouldBe(found[i], shingle);
                texts[found[i]].ShouldBe(shingle);
            }
        }
    }
}
