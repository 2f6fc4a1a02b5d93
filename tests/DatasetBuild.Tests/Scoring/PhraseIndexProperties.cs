using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Scoring;

/// <summary>What is found is what comparing every word with every word finds, no more and no less.</summary>
public sealed partial class PhraseIndexProperties
{
    private static readonly string[] Words = ["a", "b", "A", "7", "77", "ab", "naïve", "NAÏVE", "straße", "中", "中文", "ไทย", "\u0301x", "soft\u00ADhyphen", "softhyphen"];
    private static readonly string[] Gaps = [" ", "  ", ", ", "-", "\n", ". ", "…", "_", "'", "\u200B", " — "];

    private static Gen<string> Text(int most) =>
        from count in Gen.Choose(0, most)
        from words in Gen.Elements(Words).ArrayOf(count)
        from gaps in Gen.Elements(Gaps).ArrayOf(count + 1)
        select (count % 2 == 0 ? "" : gaps[count]) + string.Concat(words.Zip(gaps, (word, gap) => word + gap));

    private static Gen<(int N, (string Text, bool CountsWhole)[][] Items, string Text)> Cases =>
        from n in Gen.Choose(2, 6)
        from items in (from text in Text(12) from whole in Gen.Elements(true, false) select (text, whole)).ListOf(3).Select(list => list.ToArray()).ListOf(4).Select(list => list.ToArray())
        from alone in Text(20)
        from start in Gen.Choose(0, 6)
        from mix in Gen.Choose(0, 2)
        let borrowed = items.SelectMany(item => item).Select(text => text.text).FirstOrDefault(text => text.Length > 0) ?? ""
        select (n, items, mix == 0 ? alone : mix == 1 ? borrowed.ToUpperInvariant() : alone + " " + borrowed[Math.Min(start, borrowed.Length)..]);

    [Fact]
    public void Finds_what_comparing_every_word_finds() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000),
        Prop.ForAll(Arb.From(Cases), sample =>
        {
            var items = WordsOf(sample.Items);
            var found = new PhraseIndex(items, sample.N).Find(FoldedWords.Of(Encoding.UTF8.GetBytes(sample.Text), new ArrayBufferWriter<byte>()));
            var (expectedItem, expected) = Search(sample.N, sample.Items, sample.Text);

            (found.Length == 0 ? "" : items.Show(found.Word, found.Length)).ShouldBe(string.Join(' ', expected));
            if (expected.Length > 0)
            {
                items.ItemOf(found.Word).ShouldBe(expectedItem);
            }
        }));

    [Fact]
    public void Every_item_is_found_in_itself()
    {
        var texts = Enumerable.Range(0, 500).Select(i => $"item {i} of {i * 7} says nothing but {i} and {i + 1}, {i + 2}").ToArray();
        var items = WordsOf([.. texts.Select(text => new[] { (text, true) })]);
        var index = new PhraseIndex(items, 13);
        for (var i = 0; i < texts.Length; i++)
        {
            var shared = index.Find(Encoding.UTF8.GetBytes(texts[i].Replace(' ', '\t')));
            items.ItemOf(shared.Word).ShouldBe(i);
        }
    }

    private static EvaluationWords WordsOf((string Text, bool CountsWhole)[][] items)
    {
        var content = new ArrayBufferWriter<byte>();
        foreach (var item in items)
        {
            foreach (var (text, countsWhole) in item)
            {
                var before = content.WrittenCount;
                FoldedWords.Write(Encoding.UTF8.GetBytes(text), content);
                if (content.WrittenCount > before)
                {
                    content.Write([countsWhole ? EvaluationWords.EndOfText : EvaluationWords.EndOfPart]);
                }
            }

            content.Write([EvaluationWords.EndOfItem]);
        }

        return new EvaluationWords(content.WrittenSpan.ToArray());
    }

    /// <summary>The oracle: from the first word of the text on, in every text of every item.</summary>
    private static (int Item, string[] Shared) Search(int n, (string Text, bool CountsWhole)[][] items, string text)
    {
        var words = Split(text);
        for (var start = 0; start + n <= words.Length; start++)
        {
            var sought = words[start..(start + n)];
            if (sought.Distinct().Count() < 2)
            {
                continue;
            }

            for (var item = 0; item < items.Length; item++)
            {
                foreach (var (other, _) in items[item])
                {
                    var theirs = Split(other);
                    for (var at = 0; at + n <= theirs.Length; at++)
                    {
                        if (theirs.Skip(at).Take(n).SequenceEqual(sought))
                        {
                            var run = n;
                            while (start + run < words.Length && at + run < theirs.Length && words[start + run] == theirs[at + run])
                            {
                                run++;
                            }

                            return (item, words[start..(start + run)]);
                        }
                    }
                }
            }
        }

        if (words.Length < n && words.Distinct().Count() > 1)
        {
            for (var item = 0; item < items.Length; item++)
            {
                if (items[item].Any(other => other.CountsWhole && Split(other.Text).SequenceEqual(words)))
                {
                    return (item, words);
                }
            }
        }

        return (-1, []);
    }

    private static string[] Split(string text) =>
        [.. Word().Matches(text.Normalize(NormalizationForm.FormKC).Replace("\u00AD", "", StringComparison.Ordinal).ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{IsCJKUnifiedIdeographs}\p{IsThai}]\p{M}*|[\p{L}\p{M}\p{N}-[\p{IsCJKUnifiedIdeographs}\p{IsThai}]]+")]
    private static partial Regex Word();
}
