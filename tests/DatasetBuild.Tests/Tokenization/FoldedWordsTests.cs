using System.Buffers;
using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

public sealed class FoldedWordsTests
{
    [Theory]
    [InlineData("Natalia sold clips to 48 of her friends.", "natalia sold clips to 48 of her friends")]
    [InlineData("It's $1.50, not 1,50!", "it s 1 50 not 1 50")]
    [InlineData("  \t\n ", "")]
    [InlineData("", "")]
    [InlineData("snake_case x+y=Z", "snake case x y z")]
    [InlineData("STRASSE Straße ΣΑΣ σας", "strasse straße σασ σασ")]
    [InlineData("cafe\u0301 café", "café café")]
    [InlineData("ＦＵＬＬ width １２ ﬁn", "full width 12 fin")]
    [InlineData("con\u00ADtam\u200Dinated a\u200Bb", "contaminated a b")]
    [InlineData("今天天气好, 12度", "今 天 天 气 好 12 度")]
    [InlineData("東京タワーgo", "東 京 タ ワ ー go")]
    [InlineData("ภาษาไทย", "ภ า ษ า ไ ท ย")]
    [InlineData("ที่นี่", "ที่ นี่")]
    [InlineData("한국어 문장", "한국어 문장")]
    [InlineData("हिन्दी में", "हिन्दी में")]
    [InlineData("مرحبا، بالعالم", "مرحبا بالعالم")]
    [InlineData("😀 smile 😀😀", "smile")]
    public void Case_and_punctuation_are_folded_and_numbers_stay(string text, string words)
    {
        var output = new ArrayBufferWriter<byte>();
        FoldedWords.Write(Encoding.UTF8.GetBytes(text), output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(words);
    }

    [Theory]
    [InlineData("plain ASCII, as it is")]
    [InlineData("not – plain ÄÖÜ 中文")]
    public void A_text_is_read_as_the_words_that_would_be_written(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        FoldedWords.Write(Encoding.UTF8.GetBytes(text), output);
        var folded = FoldedWords.Of(Encoding.UTF8.GetBytes(text), new ArrayBufferWriter<byte>());
        var read = string.Join(' ', Encoding.Latin1.GetString([.. folded.ToArray().Select(c => FoldedWords.Folds[c] is 0 ? (byte)' ' : FoldedWords.Folds[c])])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));
        read.ShouldBe(Encoding.Latin1.GetString(output.WrittenSpan));
    }
}
