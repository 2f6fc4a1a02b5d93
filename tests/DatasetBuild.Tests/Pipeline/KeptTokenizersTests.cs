using System.Text;
using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Tests.Tokenization;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Vocabularies are parsed once; what is kept of them is believed only as far as it is checked.</summary>
public sealed class KeptTokenizersTests : IDisposable
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes("Kept vocabularies' tokens — уже 123456 中文 \0 and a word of unbelievablyness.\n\n  x");

    private const string Small = "../tokenizer-json/gpt2/tokenizer.json";

    private const string MarkInWord = "a<|endoftext|>b";

    private const string AddedText = "A text<|endoftext|> with <|begin_of_text|>added tokens <|eot_id|>\n<|end_of_text|>.";

    private readonly DirectoryInfo cache = Directory.CreateTempSubdirectory("kept-");
    private readonly List<Diagnostic> warnings = [];
    private readonly StatTable stats = new();

    public void Dispose() => cache.Delete(recursive: true);

    [Theory]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("o200k_base.tiktoken")]
    [InlineData("hf_gpt2_tokenizer.json")]
    [InlineData("../tokenizer-json/gpt2/tokenizer.json")]
    [InlineData("../tokenizer-json/llama3-ignore-merges/tokenizer.json")]
    [InlineData("../tokenizer-json/llama3-apply-merges/tokenizer.json")]
    public void A_kept_tokenizer_is_the_one_that_was_read(string file)
    {
        var first = Load(file);
        Images().ShouldHaveSingleItem();
        var kept = Load(file);
        kept.ShouldNotBeSameAs(first);
        kept.Identity.ShouldBe(LoadedTokenizers.Get(file).Identity);
        kept.VocabularySize.ShouldBe(first.VocabularySize);
        kept.Ids(Text).ShouldBe(first.Ids(Text));
        kept.Count(Text).ShouldBe(first.Count(Text));
        var (expected, found) = (first.EncodeText(AddedText, AddedText, addSpecialTokens: true), kept.EncodeText(AddedText, AddedText, addSpecialTokens: true));
        found.Ids.ShouldBe(expected.Ids);
        found.Tokens.ShouldBe(expected.Tokens);
        found.Offsets.ShouldBe(expected.Offsets);
        kept.Count(Encoding.UTF8.GetBytes(AddedText)).ShouldBe(kept.EncodeText(AddedText).Ids.Count);
        kept.Decode([.. found.Ids]).ShouldBe(first.Decode([.. found.Ids]));
        for (var id = 0; id < first.VocabularySize; id += 97)
        {
            kept.Bytes(id).SequenceEqual(first.Bytes(id)).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(TokenizerJsonTests.Fixtures), MemberType = typeof(TokenizerJsonTests))]
    public void A_kept_model_of_any_kind_encodes_as_the_library_does(string fixture)
    {
        var file = $"../tokenizer-json/{fixture}/tokenizer.json";
        Load(file);
        Images().ShouldHaveSingleItem();
        Kept("tokenizer-outline").ShouldHaveSingleItem();
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json")));
        TokenizerJsonTests.Compare(Load(file), cases.RootElement.GetProperty("cases"), TokenizerJsonTests.TrimsPlaces(fixture)).ShouldBeGreaterThan(50);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void A_kept_model_of_sentencepiece_is_the_one_that_was_read(int type, bool hasUnused)
    {
        (string, float, int)[] pieces =
        [
            ("<unk>", 0, 2), ("<s>", 0, 3), ("[MASK]", 0, 4), ("\u2581", -3, 1), ("t", -4, 1), ("h", -4, 1), ("e", -4, 1), ("th", -1, hasUnused ? 5 : 1), ("the", -1.5f, 1), ("\u2581the", -2, 1), ("世", -5, 1),
            .. Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, 6)),
        ];
        var path = Tokenization.TemporaryFile.With(
        [
            .. SentencePieceTests.Model(type, pieces), .. SentencePieceTests.Message(2, SentencePieceTests.Number(35, 1)),
            .. SentencePieceTests.Message(3, SentencePieceTests.Field(2, CharacterMapFile.Of(("ﬁ", "the"), ("E", "e")))),
        ]);
        var first = LoadFile(path);
        Images().ShouldHaveSingleItem();
        Kept("tokenizer-outline").ShouldHaveSingleItem();
        var kept = LoadFile(path);
        kept.Identity.ShouldBe(first.Identity);
        foreach (var text in (string[])["the the  th\u0065 [MASK]世ﬁE 界 x", "", " ", "ththe the", "the"])
        {
            var (expected, found) = (first.EncodeText(text), kept.EncodeText(text));
            found.Ids.ShouldBe(expected.Ids);
            found.Tokens.ShouldBe(expected.Tokens);
            found.Offsets.ShouldBe(expected.Offsets);
            kept.Decode([.. found.Ids]).ShouldBe(first.Decode([.. expected.Ids]));
            kept.Count(Encoding.UTF8.GetBytes(text)).ShouldBe(expected.Ids.Count);
        }

        var image = new MemoryStream();
        ((SentencePieceTokenizer)first).Write(new ImageWriter(bytes => image.Write(bytes)));
        Forged(image.ToArray(), 7, reader => SentencePieceTokenizer.Read(reader, "").Count("the theth x"u8));
    }

    [Fact]
    public void A_damaged_image_is_read_from_its_file_again_with_a_warning()
    {
        var first = Load("hf_gpt2_tokenizer.json");
        var bytes = File.ReadAllBytes(Images().Single());
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Images().Single(), bytes);
        Load("hf_gpt2_tokenizer.json").Ids(Text).ShouldBe(first.Ids(Text));
        warnings.ShouldNotBeEmpty();
    }

    [Fact]
    public void Of_a_kept_file_that_has_not_changed_the_outline_is_enough()
    {
        var first = Load(Small);
        var outline = File.ReadAllText(Kept("tokenizer-outline").ShouldHaveSingleItem(), Encoding.Latin1);
        outline.ShouldContain("\"vocab\":{}");
        outline.ShouldContain("\"merges\":[]");

        // Only what is read of the outline can tell the second one from the first.
        Forge(Small, MarkWordsAlone);

        Load(Small).Ids(Text).ShouldBe(first.Ids(Text));
        first.EncodeText(MarkInWord).Ids.Count.ShouldBe(3);
        Load(Small).EncodeText(MarkInWord).Ids.Count.ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData("hf_gpt2_tokenizer.json", "")]
    [InlineData("hf_gpt2_tokenizer.json", "{}")]
    [InlineData("hf_gpt2_tokenizer.json", "{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}}")]
    [InlineData("cl100k_base.tiktoken", "IQ== 0\nIg== 1\n")]
    public void An_outline_that_does_not_lead_to_the_kept_model_is_not_believed(string file, string outline)
    {
        var first = Load(file);
        Forge(file, _ => outline);
        if (outline.Contains('\n'))
        {
            File.Delete(Images().Single());
        }

        Load(file).Ids(Text).ShouldBe(first.Ids(Text));
    }

    [Fact]
    public void A_file_that_changed_is_read_again()
    {
        var path = Tokenization.TemporaryFile.With(File.ReadAllText(SharedData.Path("tokenizers", Small)));
        LoadFile(path).EncodeText(MarkInWord).Ids.Count.ShouldBe(3);

        File.WriteAllText(path, MarkWordsAlone(File.ReadAllText(path)));

        LoadFile(path).EncodeText(MarkInWord).Ids.Count.ShouldBeGreaterThan(3);
        LoadFile(path).EncodeText(MarkInWord).Ids.Count.ShouldBeGreaterThan(3);
    }

    /// <summary>Images whose checksums are right and whose content is not: refused, or harmless; never an error of memory and never without end.</summary>
    [Fact]
    public void A_forged_image_is_refused_or_harmless()
    {
        var written = new MemoryStream();
        SmallTokenizer().Model.Write(new ImageWriter(bytes => written.Write(bytes)));
        var image = written.ToArray();
        Read(Reader(image)).Ids(Text).ShouldBe(SmallTokenizer().Ids(Text));
        Forged(image, 997, reader => Read(reader).Count(Text));
    }

    [Theory]
    [InlineData("BPE", "{'type':'BPE','vocab':{'a':0,'b':1,'c':2,'ab':3,'abc':4,' ':5},'merges':[['a','b'],['ab','c']]}")]
    [InlineData("BPE with a suffix", "{'type':'BPE','vocab':{'a':0,'b':1,'c':2,'ab':3,'abc':4,' ':5},'merges':[['a','b'],['ab','c']],'end_of_word_suffix':'c'}")]
    [InlineData("Unigram", "{'type':'Unigram','unk_id':0,'vocab':[['a',-1],['b',-2],['ab',-2.5],['abc',-3],[' ',-1]]}")]
    [InlineData("WordPiece", "{'type':'WordPiece','unk_token':'a','continuing_subword_prefix':'','max_input_chars_per_word':50,'vocab':{'a':0,'b':1,'ab':2}}")]
    public void A_forged_image_of_another_model_is_refused_or_harmless(string kind, string model)
    {
        var json = Encoding.UTF8.GetBytes($"{{\"model\":{model.Replace('\'', '"')}}}");
        var file = TokenizerFile.OfOutline(json, "", "tokenizer.json", "tokenizer.json");
        var section = new JsonSection(file, JsonParts.Members(file, JsonParts.Whole(file))["model"], "model");
        var read = ModelReader.Read(section);
        var written = new MemoryStream();
        read.Write(new ImageWriter(bytes => written.Write(bytes)));
        var image = written.ToArray();
        var text = "abcab b"u8.ToArray();
        ModelReader.Read(section, Reader(image)).Count(text).ShouldBe(read.Count(text), kind);
        Forged(image, 7, reader => CountIfItCan(() => ModelReader.Read(section, reader).Count(text)));
    }

    /// <summary>Reads what is cut off, and what has another byte somewhere.</summary>
    private static void Forged(byte[] image, int step, Action<ImageReader> read)
    {
        for (var length = 0; length < image.Length; length += step)
        {
            Should.Throw<InvalidDataException>(() => read(Reader(image[..length])));
        }

        var random = new Random(43);
        var refused = 0;
        for (var round = 0; round < 3000; round++)
        {
            var forged = (byte[])image.Clone();
            forged[random.Next(forged.Length)] = (byte)random.Next(256);
            try
            {
                read(Reader(forged));
            }
            catch (Exception e) when (e is InvalidDataException or IndexOutOfRangeException or ArgumentOutOfRangeException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(0);
    }

    /// <summary>What a forged vocabulary has no token for is an error that every text may have.</summary>
    private static void CountIfItCan(Action count)
    {
        try
        {
            count();
        }
        catch (DatasetException e)
        {
            e.Diagnostic.Code.ShouldBe("DSB3016");
        }
    }

    private static ImageReader Reader(byte[] image)
    {
        var stream = new MemoryStream(image);
        return new ImageReader(image.Length, destination => stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) == destination.Length);
    }

    private static RankTokenizer Read(ImageReader image) => new(ByteLevelModel.Read(image), PublishedPatterns.Cl100k, "forged");

    private static RankTokenizer SmallTokenizer()
    {
        var ranks = Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}");
        string[] longer = ["or", "ke", "en", "to", "tok", "token", " a", " an", " and"];
        var lines = ranks.Concat(longer.Select((token, i) => $"{Convert.ToBase64String(Encoding.UTF8.GetBytes(token))} {256 + i}"));
        return (RankTokenizer)Tokenizers.Load(Tokenization.TemporaryFile.With(string.Join('\n', lines)), "small.cl100k.tiktoken");
    }

    private ITokenizer Load(string file) => LoadFile(SharedData.Path("tokenizers", file));

    private ITokenizer LoadFile(string path)
    {
        InputFiles files = [];
        return new KeptTokenizers(new DerivedData(cache.FullName, warnings.Add), files, new InputDigests(files, stats, verify: false, CancellationToken.None)).Load(path);
    }

    private static string MarkWordsAlone(string json) => json.Replace("\"single_word\":false", "\"single_word\":true", StringComparison.Ordinal);

    private void Forge(string file, Func<string, string> change)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(SharedData.Path("tokenizers", file)));
        var derived = new DerivedData(cache.FullName, warnings.Add);
        derived.TryRead("tokenizer-outline", KeptTokenizers.Version, hash, out var kept).ShouldBeTrue();
        using (kept)
        {
            var forged = change(Encoding.UTF8.GetString(kept!.Span));
            File.Delete(Kept("tokenizer-outline").Single());
            derived.Write("tokenizer-outline", KeptTokenizers.Version, hash, Encoding.UTF8.GetBytes(forged)).ShouldBeTrue();
        }
    }

    private List<string> Images() => Kept("tokenizer");

    private List<string> Kept(string kind) => [.. Directory.EnumerateFiles(Path.Combine(cache.FullName, "derived", kind), "*.blk", SearchOption.AllDirectories)];
}
