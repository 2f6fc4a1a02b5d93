using System.Text;
using DatasetBuild.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Tokenization;

public sealed class BytePairEncodingTests
{
    private static readonly Arbitrary<byte[]> Texts = ArbMap.Default.GeneratorFor<string?>()
        .Select(text => Encoding.UTF8.GetBytes(text ?? "")).ToArbitrary();

    [Theory]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("o200k_base.tiktoken")]
    [InlineData("hf_gpt2_tokenizer.json")]
    public void Tokens_cover_the_text_in_order_and_decode_to_it(string file)
    {
        var tokenizer = LoadedTokenizers.Get(file);
        Prop.ForAll(Texts, text =>
        {
            var tokens = new List<Token>();
            tokenizer.Encode(text, tokens);
            var end = 0;
            foreach (var token in tokens)
            {
                token.Start.ShouldBe(end);
                token.Id.ShouldBeInRange(0, tokenizer.VocabularySize - 1);
                text.AsSpan(token.Start..token.End).SequenceEqual(tokenizer.Bytes(token.Id)).ShouldBeTrue();
                end = token.End;
            }

            end.ShouldBe(text.Length);
            tokenizer.Count(text).ShouldBe(tokens.Count);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Merging_takes_the_lowest_rank_and_the_leftmost_of_equals()
    {
        var ranks = SmallVocabulary();
        var (tokens, merges) = Tables(ranks);
        var merger = new BytePairMerger(tokens, merges);
        var encoder = new BytePairEncoder(tokens, merges, wholePieces: false);
        var pieces = Gen.Elements((byte)'a', (byte)'b', (byte)'c').ArrayOf().Where(piece => piece.Length > 0);
        Prop.ForAll(pieces.ToArbitrary(), piece =>
        {
            var expected = Reference(ranks, piece);
            var ids = new int[piece.Length];
            ids[..merger.MergeShort(piece, ids, out _)].ShouldBe(expected);
            ids[..merger.MergeLong(piece, ids, out _)].ShouldBe(expected);
            ids[..encoder.Match(piece, ids, new ulong[(piece.Length / 64) + 1], out _)].ShouldBe(expected);
            encoder.Count(piece).ShouldBe(expected.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Long_pieces_are_merged_like_short_ones()
    {
        var ranks = SmallVocabulary();
        var (tokens, merges) = Tables(ranks);
        var merger = new BytePairMerger(tokens, merges);
        var encoder = new BytePairEncoder(tokens, merges, wholePieces: false);
        var random = new Random(1);
        for (var length = 90; length < 400; length += 7)
        {
            var piece = random.GetItems("abc"u8, length);
            var ids = new int[length];
            ids[..merger.MergeLong(piece, ids, out _)].ShouldBe(Reference(ranks, piece));
            encoder.Count(piece).ShouldBe(Reference(ranks, piece).Length);
            Ids(encoder, piece).ShouldBe(Reference(ranks, piece));
        }
    }

    [Fact]
    public void One_tokenizer_serves_many_threads()
    {
        var tokenizer = LoadedTokenizers.Get("cl100k_base.tiktoken");
        var texts = Enumerable.Range(0, 200).Select(i => Encoding.UTF8.GetBytes($"Text number {i}: " + new string('x', i * 3) + " unbelievablyness")).ToArray();
        var expected = texts.Select(text => tokenizer.Count(text)).ToArray();
        Parallel.For(0, 2000, i => tokenizer.Count(texts[i % texts.Length]).ShouldBe(expected[i % texts.Length]));
    }

    [Fact]
    public void Identities_tell_files_apart_and_name_no_path()
    {
        string[] files = ["cl100k_base.tiktoken", "o200k_base.tiktoken", "r50k_base.tiktoken", "hf_cl100k_tokenizer.json", "hf_gpt2_tokenizer.json"];
        var identities = files.Select(file => LoadedTokenizers.Get(file).Identity).ToList();
        identities.Distinct().Count().ShouldBe(files.Length);
        identities.ShouldAllBe(identity => !identity.Contains("_base") && !identity.Contains("hf_") && !identity.Contains('\\'));
        identities[0].ShouldContain("sha256=223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7");
    }

    [Fact]
    public void An_id_outside_the_vocabulary_has_no_bytes()
    {
        var tokenizer = LoadedTokenizers.Get("r50k_base.tiktoken");
        tokenizer.VocabularySize.ShouldBe(50256);
        Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.Bytes(50256).Length);
        Should.Throw<ArgumentOutOfRangeException>(() => tokenizer.Bytes(-1).Length);
    }

    /// <summary>Random vocabularies with merges in any order, also such that merges of falling ranks lead to a token.</summary>
    [Fact]
    public void Tokens_are_those_of_the_merges_whatever_the_vocabulary()
    {
        var random = new Random(31);
        var matched = 0;
        for (var round = 0; round < 400; round++)
        {
            var (tokens, merges) = RandomMerges(random, trained: round % 2 == 0);
            var merger = new BytePairMerger(tokens, merges);
            var encoder = new BytePairEncoder(tokens, merges, wholePieces: false);
            TokenShapes.Find(tokens, merger, out var ascending);
            matched += ascending ? 1 : 0;
            for (var text = 0; text < 50; text++)
            {
                var piece = random.GetItems("abc"u8, random.Next(1, 40));
                var ids = new int[piece.Length];
                var expected = ids[..merger.MergeLong(piece, ids, out _)];
                Ids(encoder, piece).ShouldBe(expected);
                encoder.Count(piece).ShouldBe(expected.Length);
            }
        }

        matched.ShouldBeInRange(50, 350);
    }

    private static int[] Ids(BytePairEncoder encoder, byte[] piece)
    {
        var tokens = new List<Token>();
        encoder.Encode(piece, new TextRange(0, piece.Length), tokens);
        return [.. tokens.Select(token => token.Id)];
    }

    // Trained: each merge joins tokens that are there already, so that merges of rising ranks lead to most of them.
    private static (TokenTable Tokens, MergeTable Merges) RandomMerges(Random random, bool trained)
    {
        var known = Enumerable.Range(0, 256).Select(b => ((char)b).ToString()).ToList();
        var pool = new List<string> { "a", "b", "c" };
        var pairs = new List<(int Left, int Right, int Merged)>();
        for (var merge = 0; merge < 25; merge++)
        {
            var (left, right) = (pool[random.Next(pool.Count)], pool[random.Next(pool.Count)]);
            if (left.Length + right.Length <= 8 && !pairs.Contains((known.IndexOf(left), known.IndexOf(right), known.IndexOf(left + right))))
            {
                if (!known.Contains(left + right))
                {
                    known.Add(left + right);
                    pool.Add(left + right);
                }

                pairs.Add((known.IndexOf(left), known.IndexOf(right), known.IndexOf(left + right)));
            }
        }

        var ranked = trained ? [.. pairs] : pairs.OrderBy(_ => random.Next()).ToArray();
        var table = new MergeTable(4);
        for (var rank = 0; rank < ranked.Length; rank++)
        {
            table.Add(ranked[rank].Left, ranked[rank].Right, rank, ranked[rank].Merged);
        }

        return (new TokenTable(known.Select((token, id) => (id, Encoding.Latin1.GetBytes(token), true)).ToList()), table);
    }

    private static Dictionary<string, int> SmallVocabulary()
    {
        var ranks = Enumerable.Range(0, 256).ToDictionary(b => ((char)b).ToString(), b => b);
        foreach (var token in (string[])["bc", "ab", "aa", "abc", "aaa", "cab", "bb", "abcab", "aaaa", "ca", "bcbc"])
        {
            ranks.Add(token, ranks.Count);
        }

        return ranks;
    }

    private static (TokenTable Tokens, MergeTable Merges) Tables(Dictionary<string, int> ranks)
    {
        var tokens = new TokenTable(ranks.Select(entry => (entry.Value, Encoding.Latin1.GetBytes(entry.Key), true)).ToList());
        var merges = new MergeTable(4);
        foreach (var (token, rank) in ranks)
        {
            for (var split = 1; split < token.Length; split++)
            {
                if (ranks.TryGetValue(token[..split], out var left) && ranks.TryGetValue(token[split..], out var right))
                {
                    merges.Add(left, right, rank, rank);
                }
            }
        }

        return (tokens, merges);
    }

    private static int[] Reference(Dictionary<string, int> ranks, byte[] piece)
    {
        var parts = piece.Select(b => ((char)b).ToString()).ToList();
        while (true)
        {
            var pairs = Enumerable.Range(0, parts.Count - 1).Where(i => ranks.ContainsKey(parts[i] + parts[i + 1])).ToList();
            if (pairs.Count == 0)
            {
                return parts.Select(part => ranks[part]).ToArray();
            }

            var best = pairs.MinBy(i => ranks[parts[i] + parts[i + 1]]);
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
    }
}
