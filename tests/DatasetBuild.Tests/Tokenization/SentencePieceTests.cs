using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>SentencePiece models, written here field by field, and what follows for them from the library's own rules.</summary>
public sealed class SentencePieceTests
{
    [Fact]
    public void Unigram_takes_the_best_sum_and_joins_unknown_characters()
    {
        var tokenizer = Load(Model(type: 1, ("<unk>", 0, 2), ("<s>", 0, 3), ("▁", -3, 1), ("▁a", -2, 1), ("b", -2, 1), ("ab", -3, 1), ("▁ab", -3.5f, 1)));
        var encoded = tokenizer.EncodeText("  ab  b ab中文b<s>");
        encoded.Tokens.ShouldBe(["▁ab", "▁", "b", "▁ab", "中文", "b", "<s>"]);
        encoded.Ids.ShouldBe([6, 2, 4, 6, 0, 4, 0]);
        encoded.Offsets.ShouldBe([(2, 4), (4, 6), (6, 7), (7, 10), (10, 12), (12, 13), (13, 16)]);
        tokenizer.Count("  ab  b ab中文b<s>"u8).ShouldBe(7);
        tokenizer.Decode([1, 6, 2, 4, 6, 0]).ShouldBe("ab b ab ⁇ ");
        tokenizer.Decode([1, 6, 0], skipSpecialTokens: true).ShouldBe("ab");
        tokenizer.Ids(""u8).ShouldBeEmpty();
        tokenizer.EncodeText("   ").Ids.ShouldBeEmpty();
    }

    [Fact]
    public void Bpe_merges_by_score_and_takes_unused_pieces_apart()
    {
        var pieces = new (string, float, int)[]
        {
            ("<unk>", 0, 2), ("▁", -9, 1), ("a", -9, 1), ("b", -9, 1), ("c", -9, 1), ("ab", -2, 1), ("bc", -1, 1), ("abc", -3, 5), ("▁abc", -4, 1), ("aa", -5, 1),
            ("[x]", 0, 4),
        };
        var tokenizer = Load(Model(type: 2, pieces));
        tokenizer.EncodeText("abc").Tokens.ShouldBe(["▁abc"]);
        tokenizer.EncodeText("c abc").Tokens.ShouldBe(["▁", "c", "▁abc"]);
        tokenizer.EncodeText("cabc").Tokens.ShouldBe(["▁", "c", "a", "bc"]);
        tokenizer.EncodeText("aaaaa").Tokens.ShouldBe(["▁", "aa", "aa", "a"]);
        tokenizer.EncodeText("a[x]b").Ids.ShouldBe([1, 2, 10, 3]);
    }

    [Fact]
    public void Unknown_characters_are_spelled_in_bytes_and_read_back()
    {
        var pieces = new List<(string, float, int)> { ("<unk>", 0, 2), ("▁", -1, 1) };
        pieces.AddRange(Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, 6)));
        foreach (var type in (int[])[1, 2])
        {
            var tokenizer = Load([.. Model(type, [.. pieces]), .. Message(2, Number(35, 1))]);
            var encoded = tokenizer.EncodeText("é 👍");
            encoded.Ids.ShouldBe([1, 2 + 0xC3, 2 + 0xA9, 1, 2 + 0xF0, 2 + 0x9F, 2 + 0x91, 2 + 0x8D]);
            encoded.Offsets[2].ShouldBe((0, 1));
            tokenizer.Decode([.. encoded.Ids]).ShouldBe("é 👍");
            tokenizer.Decode([1, 2 + 0xC3, 2 + 0x41]).ShouldBe("\uFFFDA");
            tokenizer.Bytes(2 + 0xC3).ToArray().ShouldBe([0xC3]);
        }
    }

    [Fact]
    public void White_space_is_kept_where_the_model_says_so()
    {
        byte[] model = [.. Model(type: 1, ("<unk>", 0, 2), ("▁", -1, 1), ("a", -1, 1)), .. Message(3, Number(3, 0), Number(4, 0))];
        var tokenizer = Load(model);
        tokenizer.EncodeText(" a  a ").Tokens.ShouldBe(["▁", "a", "▁", "▁", "a", "▁"]);
        tokenizer.Decode([.. tokenizer.EncodeText(" a  a ").Ids]).ShouldBe(" a  a ");
    }

    [Fact]
    public void A_model_that_breaks_off_or_cannot_be_followed_is_refused()
    {
        var whole = Model(type: 1, ("<unk>", 0, 2), ("a", -1, 1));
        for (var length = 0; length < whole.Length; length++)
        {
            // Where a whole piece or more is missing, the rest can be a model of its own.
            var error = Record.Exception(() => Load(whole[..length]));
            (error is null or DatasetException).ShouldBeTrue($"{length}: {error}");
        }

        Code(whole[..^1]).ShouldBe("DSB3018");
        Code(Model(type: 3, ("<unk>", 0, 2))).ShouldBe("DSB3018");
        Code(Model(type: 1, ("a", 0, 1))).ShouldBe("DSB3018");
        Code(Model(type: 1, ("<unk>", 0, 2), ("a", 0, 1), ("a", 0, 1))).ShouldBe("DSB3005");
        Code([.. whole, .. Message(2, Number(35, 1))]).ShouldBe("DSB3018");
        Code([.. whole, .. Message(3, Field(2, [0xFF, 0xFF, 0xFF, 0x7F, 1, 2]))]).ShouldBe("DSB3018");
    }

    private static string Code(byte[] model) => Should.Throw<DatasetException>(() => Load(model)).Diagnostic.Code;

    internal static ITokenizer Load(byte[] model) => Tokenizers.Load(TemporaryFile.With(model), "tokenizer.model");

    internal static byte[] Model(int type, params (string Text, float Score, int Kind)[] pieces) =>
    [
        .. pieces.SelectMany(piece => Message(1, Field(1, Encoding.UTF8.GetBytes(piece.Text)), [0x15, .. BitConverter.GetBytes(piece.Score)], Number(3, piece.Kind))),
        .. Message(2, Number(3, type)),
    ];

    internal static byte[] Message(int field, params byte[][] fields) => Field(field, [.. fields.SelectMany(bytes => bytes)]);

    internal static byte[] Field(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    internal static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
