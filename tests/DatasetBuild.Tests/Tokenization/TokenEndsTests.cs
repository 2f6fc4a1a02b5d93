using System.Text;
using DatasetBuild.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Tokenization;

public sealed class TokenEndsTests
{
    private const string Letters = "abcäß機械";

    [Fact]
    public void At_each_place_the_tokens_that_end_there_are_found_the_longest_first() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(DatasetBuild.Tests.Selection.Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var tokens = Enumerable.Range(0, random.Next(40)).Select(id => (Id: id, Text: Word(random, 1, 6))).DistinctBy(token => token.Text).ToList();
            (int Id, byte[] Bytes)[] bytes = [.. tokens.Select(token => (token.Id, Encoding.UTF8.GetBytes(token.Text)))];
            if (random.Next(3) == 0)
            {
                bytes = [.. bytes, (99, [.. Enumerable.Repeat((byte)'a', 5000)])]; // too long for the quicker table
            }

            var ends = new TokenEnds(bytes);

            foreach (var read in (TokenEnds[])[ends, Reread(ends, bytes)])
            {
                var text = Encoding.UTF8.GetBytes(Word(random, 0, 60));
                var reader = read.NewReader();
                for (var end = 1; end <= text.Length; end++)
                {
                    reader.Take(text[end - 1]);
                    if (end < text.Length && (text[end] & 0xC0) == 0x80)
                    {
                        continue;
                    }

                    var found = new List<int>();
                    for (var id = reader.Longest; id >= 0; id = read.Shorter(id))
                    {
                        read.Length(id).ShouldBe(bytes.Single(token => token.Id == id).Bytes.Length);
                        found.Add(id);
                    }

                    found.ShouldBe(bytes.Where(token => text.AsSpan(0, end).EndsWith(token.Bytes)).OrderByDescending(token => token.Bytes.Length).Select(token => token.Id));
                }
            }
        }));

    [Fact]
    public void Of_equal_tokens_the_last_counts()
    {
        var ends = new TokenEnds([(0, "ab"u8.ToArray()), (1, "b"u8.ToArray()), (2, "ab"u8.ToArray())]);
        var reader = ends.NewReader();
        reader.Take((byte)'a');
        reader.Longest.ShouldBe(-1);
        reader.Take((byte)'b');

        (reader.Longest, ends.Shorter(2), ends.Shorter(1)).ShouldBe((2, 1, -1));
    }

    [Fact]
    public void A_kept_form_that_was_changed_is_refused_or_harmless()
    {
        (int Id, byte[] Bytes)[] tokens = [.. "a b ab ba aba bab abab".Split(' ').Select((text, id) => (id, Encoding.UTF8.GetBytes(text)))];
        var kept = Write(new TokenEnds(tokens));
        var text = Encoding.UTF8.GetBytes("abababbbaaabab");
        var refused = 0;
        for (var at = 4; at < kept.Length; at += sizeof(int))
        {
            foreach (var value in (int[])[-1, 0, 1, 7, int.MaxValue])
            {
                var changed = kept.ToArray();
                BitConverter.TryWriteBytes(changed.AsSpan(at), value);
                try
                {
                    var ends = TokenEnds.Read(ReaderOf(changed), tokens.Length, tokens);
                    Spell(new UnigramSearch(ends, new double[ends.Size], -10, byteFallback: false), text);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        refused.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_text_that_is_no_UTF8_has_a_way_through_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(DatasetBuild.Tests.Selection.Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var ends = new TokenEnds([.. "a b ab ba ä äa 機".Split(' ').Select((text, id) => (id, Encoding.UTF8.GetBytes(text)))]);
            byte[] bytes = [0x61, 0x62, 0xC3, 0xA4, 0xA9, 0xE6, 0xA9, 0x9F, 0xF0];
            byte[] text = [.. Enumerable.Range(0, random.Next(30)).Select(_ => bytes[random.Next(bytes.Length)]), .. "aaab"u8];

            Spell(new UnigramSearch(ends, new double[ends.Size], -10, byteFallback: false), text);
        }));

    /// <summary>Walks the best way back over places that held something else before.</summary>
    private static void Spell(UnigramSearch search, byte[] text)
    {
        var places = new Place[text.Length + 4];
        for (var i = 0; i < places.Length; i++)
        {
            places[i].Offer(default, i, 0, 0, 0);
        }

        // The last character may say that it is longer than the text.
        var first = 0;
        for (var next = 0; next < text.Length; next += Utf8Scalars.Length(text[next]))
        {
            first = next;
        }

        text = first + Utf8Scalars.Length(text[first]) > text.Length ? text[..first] : text;
        search.FindBest(text, places.AsSpan(0, text.Length + 1));
        for (var end = text.Length; end > 0; end = places[end].Start)
        {
            places[end].Start.ShouldBeInRange(0, end - 1);
        }
    }

    private static TokenEnds Reread(TokenEnds ends, (int Id, byte[] Bytes)[] tokens) => TokenEnds.Read(ReaderOf(Write(ends)), 100, tokens);

    private static byte[] Write(TokenEnds ends)
    {
        var kept = new MemoryStream();
        ends.Write(new ImageWriter(kept.Write));
        return kept.ToArray();
    }

    private static ImageReader ReaderOf(byte[] kept)
    {
        var stream = new MemoryStream(kept);
        return new ImageReader(kept.Length, destination => stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length);
    }

    private static string Word(Random random, int least, int most) => string.Concat(Enumerable.Range(0, random.Next(least, most)).Select(_ => Letters[random.Next(Letters.Length)]));

    private struct Place : IUnigramPlace<Place>
    {
        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Clear() => (Start, Id) = (-1, UnigramSearch.Unknown);

        public void Offer(in Place from, int start, int id, double score, int tokens) => (Start, Id) = (start, id);
    }
}
