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
        var encoder = new BytePairEncoder(tokens, merges, wholePieces: false);
        var pieces = Gen.Elements((byte)'a', (byte)'b', (byte)'c').ArrayOf().Where(piece => piece.Length > 0);
        Prop.ForAll(pieces.ToArbitrary(), piece =>
        {
            var expected = Reference(ranks, piece);
            var ids = new int[piece.Length];
            ids[..encoder.MergeShort(piece, ids)].ShouldBe(expected);
            ids[..encoder.MergeLong(piece, ids)].ShouldBe(expected);
            encoder.Count(piece).ShouldBe(expected.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Long_pieces_are_merged_like_short_ones()
    {
        var ranks = SmallVocabulary();
        var (tokens, merges) = Tables(ranks);
        var encoder = new BytePairEncoder(tokens, merges, wholePieces: false);
        var random = new Random(1);
        for (var length = 90; length < 400; length += 7)
        {
            var piece = random.GetItems("abc"u8, length);
            var ids = new int[length];
            ids[..encoder.MergeLong(piece, ids)].ShouldBe(Reference(ranks, piece));
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
