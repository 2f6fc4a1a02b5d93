using System.Text;
using System.Text.RegularExpressions;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

public sealed class TokenizerTrainingTests
{
    private static readonly string[] Alphabets = ["ab", "aab ", "abcd  ", "the quick fox's 12 don't", "aä日b 🎉", "a"];

    [Fact]
    public void Merges_are_those_of_counting_all_pairs_anew_at_each_step()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var texts = Enumerable.Range(0, random.Next(1, 6)).Select(_ => RandomText(random)).ToList();
            var vocabulary = 256 + random.Next(40);
            var minFrequency = random.Next(1, 4);
            var trained = Train(texts, "gpt2", vocabulary, minFrequency);
            trained.Merges.Select(merge => (Encoding.Latin1.GetString(merge.Left), Encoding.Latin1.GetString(merge.Right)))
                .ShouldBe(Recount(texts, vocabulary - 256, minFrequency), $"seed {seed}");
        }
    }

    [Fact]
    public void Of_equally_frequent_pairs_the_one_that_occurs_first_is_merged_first()
    {
        Merges(Train(["yz xy"], "gpt2", 258)).ShouldBe(["y+z", " +x"]);
        Merges(Train(["xy", "yz"], "gpt2", 257)).ShouldBe(["x+y"]);
        Merges(Train(["yz", "xy", "xy"], "gpt2", 257)).ShouldBe(["x+y"]);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("cl100k")]
    [InlineData("o200k")]
    [InlineData("qwen")]
    [InlineData(@"\p{L}+|\d|[^\p{L}\d]+")]
    public void What_is_trained_is_read_again_and_gives_every_text_back(string pattern)
    {
        string[] texts = ["Don't stop: 1234 cats", "DON'T  stop\n\n 12345 dogs", "héllo wörld 日本語 🎉🎉", ""];
        var trained = Train([.. texts, .. texts], pattern, 320, special: ["<|end|>", "<|pad|>"]);
        var file = TemporaryFile.With(Written(trained), "tokenizer.json");
        var tokenizer = Tokenizers.Load(file, "tokenizer.json");
        tokenizer.VocabularySize.ShouldBe(trained.VocabularySize);
        foreach (var text in (string[])[.. texts, "never seen: \u0000\u0301 ☃"])
        {
            var ids = tokenizer.EncodeText(text).Ids;
            tokenizer.Decode([.. ids]).ShouldBe(text);
            tokenizer.Count(Encoding.UTF8.GetBytes(text)).ShouldBe(ids.Count);
        }

        tokenizer.EncodeText("cats<|end|>").Ids[^1].ShouldBe(trained.VocabularySize - 2);
        tokenizer.Decode([trained.VocabularySize - 1], skipSpecialTokens: true).ShouldBe("");
    }

    [Fact]
    public void A_text_that_was_trained_on_is_spelled_with_what_was_learned()
    {
        var trained = Train(Enumerable.Repeat("the cat sat on the mat", 20), "gpt2", 300);
        var file = TemporaryFile.With(Written(trained), "tokenizer.json");
        Tokenizers.Load(file, "tokenizer.json").EncodeText("the cat sat on the mat").Tokens.ShouldBe(["the", "Ġcat", "Ġsat", "Ġon", "Ġthe", "Ġmat"]);
    }

    [Fact]
    public void Training_ends_where_no_pair_is_left_or_none_is_frequent_enough()
    {
        Train(["ab"], "gpt2", 1000).VocabularySize.ShouldBe(257);
        Train(["ab", "ab", "cd"], "gpt2", 1000, minFrequency: 2).VocabularySize.ShouldBe(257);
        Train([], "gpt2", 1000).VocabularySize.ShouldBe(256);
    }

    [Fact]
    public void A_piece_of_a_megabyte_costs_no_more_than_many_short_ones()
    {
        var random = new Random(1);
        var letters = string.Concat(Enumerable.Range(0, 1_000_000).Select(_ => (char)('a' + random.Next(26))));
        Train([letters, new string('a', 1_000_000)], "gpt2", 2000).VocabularySize.ShouldBe(2000);
    }

    [Fact]
    public void What_cannot_be_trained_is_refused_by_name()
    {
        Should.Throw<DatasetException>(() => TrainingPattern.Parse("cl10k")).Diagnostic.Code.ShouldBe("DSB3020");
        Should.Throw<DatasetException>(() => TrainingPattern.Parse(@"(a")).Diagnostic.Code.ShouldBe("DSB3020");
        Should.Throw<DatasetException>(() => Train([], "gpt2", 255)).Diagnostic.Code.ShouldBe("DSB3021");
        Should.Throw<DatasetException>(() => Train([], "gpt2", 257, special: ["a", "a"])).Diagnostic.Code.ShouldBe("DSB3021");
        Should.Throw<DatasetException>(() => Train([], "gpt2", 300, special: ["a", "a"])).Diagnostic.Code.ShouldBe("DSB3021");
        Should.Throw<DatasetException>(() => Train([], "gpt2", 300, special: [""])).Diagnostic.Code.ShouldBe("DSB3021");
    }

    [Fact]
    public void Shards_give_the_texts_of_the_part_that_is_asked_for()
    {
        var shard = TemporaryFile.With("""
            {"prompt": "one", "completion": "two"}
            {"messages": [{"role": "user", "content": "three"}, {"role": "assistant", "content": "four"}]}
            """, "shard.jsonl");
        Texts(shard, Part.Record).ShouldBe(["one", "two", "three", "four"]);
        Texts(shard, Part.Response).ShouldBe(["two", "four"]);
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_an_error_at_its_place()
    {
        var shard = TemporaryFile.With("{\"text\": \"a\"}\n{\"text\": b}\n", "shard.jsonl");
        var error = Should.Throw<DatasetException>(() => Texts(shard, Part.Record)).Diagnostic;
        (error.Code, error.Line).ShouldBe(("DSB1001", 2));
        Should.Throw<DatasetException>(() => Texts(shard + ".none", Part.Record)).Diagnostic.Code.ShouldBe("DSB1013");
    }

    private static TrainedTokenizer Train(IEnumerable<string> texts, string pattern, int vocabulary, long minFrequency = 1, IReadOnlyList<string>? special = null)
    {
        var trainer = new TokenizerTrainer(new TrainingOptions(TrainingPattern.Parse(pattern), vocabulary, special ?? [], minFrequency));
        foreach (var text in texts)
        {
            trainer.Add(Encoding.UTF8.GetBytes(text));
        }

        return trainer.Train();
    }

    private static IEnumerable<string> Merges(TrainedTokenizer trained) =>
        trained.Merges.Select(merge => $"{Encoding.UTF8.GetString(merge.Left)}+{Encoding.UTF8.GetString(merge.Right)}");

    private static byte[] Written(TrainedTokenizer trained)
    {
        using var stream = new MemoryStream();
        trained.Write(stream);
        return stream.ToArray();
    }

    private static List<string> Texts(string path, Part part)
    {
        var texts = new List<string>();
        ShardTexts.Read(path, ShapeOptions.Detect, part, 1 << 20, text => texts.Add(Encoding.UTF8.GetString(text)), () => { });
        return texts;
    }

    private static string RandomText(Random random)
    {
        var runes = Alphabets[random.Next(Alphabets.Length)].EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }

    /// <summary>The oracle: .NET's regular expression for the pieces, and at each step every pair counted in every piece, in order.</summary>
    private static List<(string Left, string Right)> Recount(List<string> texts, int most, int minFrequency)
    {
        var pieces = texts
            .SelectMany(text => Regex.Matches(text, @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+").Select(match => match.Value))
            .Select(piece => Encoding.UTF8.GetBytes(piece).Select(b => ((char)b).ToString()).ToList()).ToList();
        var merges = new List<(string, string)>();
        while (merges.Count < most)
        {
            // In the order in which they are met; of equal ones the first has the highest count.
            var counts = new List<((string, string) Pair, int Count)>();
            foreach (var pair in pieces.SelectMany(piece => piece.Zip(piece.Skip(1))))
            {
                var known = counts.FindIndex(other => other.Pair == pair);
                if (known < 0)
                {
                    counts.Add((pair, 1));
                }
                else
                {
                    counts[known] = (pair, counts[known].Count + 1);
                }
            }

            if (counts.Count == 0 || counts.Max(pair => pair.Count) < minFrequency)
            {
                break;
            }

            var (left, right) = counts.MaxBy(pair => pair.Count).Pair;
            merges.Add((left, right));
            foreach (var piece in pieces)
            {
                for (var i = 0; i + 1 < piece.Count; i++)
                {
                    if (piece[i] == left && piece[i + 1] == right)
                    {
                        piece[i] += right;
                        piece.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
