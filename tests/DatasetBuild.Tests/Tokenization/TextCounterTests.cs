using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

public sealed class TextCounterTests
{
    [Theory]
    [InlineData("", 0, 0, 0)]
    [InlineData("a", 1, 1, 1)]
    [InlineData("two words", 9, 9, 2)]
    [InlineData("  no-break\u00a0space,\u3000wide\u2028line ", 33, 28, 4)]
    [InlineData("é👍🏽", 10, 3, 1)]
    [InlineData("zero\u200bwidth", 12, 10, 1)]
    [InlineData(" \t\r\n", 4, 4, 0)]
    public void Bytes_characters_and_words_are_counted(string text, int bytes, int characters, int words)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        new ByteCounter().Count(utf8).ShouldBe(bytes);
        new CharacterCounter().Count(utf8).ShouldBe(characters);
        new WordCounter().Count(utf8).ShouldBe(words);
    }

    [Fact]
    public void Every_counter_has_an_identity_of_its_own()
    {
        ITextCounter[] counters = [new ByteCounter(), new CharacterCounter(), new WordCounter(), new TreebankCounter()];
        counters.Select(counter => counter.Identity).Distinct().Count().ShouldBe(counters.Length);
        new WordCounter().Identity.ShouldBe(new WordCounter().Identity);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("   \n", "")]
    [InlineData("Hello world.", "Hello|world|.")]
    [InlineData("One. Two? \"Three!\" four", "One|.|Two|?|\"|Three|!|\"|four")]
    [InlineData("1. The end", "1|.|The|end")]
    [InlineData("Dr. Smith met J. Doe etc. in the U.S. today.", "Dr.|Smith|met|J.|Doe|etc.|in|the|U.S.|today|.")]
    [InlineData("It ended. so it did.", "It|ended.|so|it|did|.")]
    [InlineData("in (N.Y.) now", "in|(|N.Y.|)|now")]
    [InlineData("x (e.g. Y) z", "x|(|e.g.|Y|)|z")]
    [InlineData("it's they'll don't I'd WE'RE 'em", "it|'s|they|'ll|do|n't|I|'d|WE|'RE|'em")]
    [InlineData("dogs' tails 'x' end", "dogs|'|tails|'|x|'|end")]
    [InlineData("cannot gimme wanna gonna d'ye more'n", "can|not|gim|me|wan|na|gon|na|d|'ye|more|'n")]
    [InlineData("I wanna", "I|wan|na")]
    [InlineData("'Tis true, 'twas so", "'T|is|true|,|'t|was|so")]
    [InlineData("3,000 a,b 10:30 a:b c:", "3,000|a|,|b|10:30|a|:|b|c|:")]
    [InlineData("wait...what.. no--yes - a---b", "wait|...|what|..|no|--|yes|-|a|--|-b")]
    [InlineData("«a» “b” ‘c’ `d`", "«|a|»|“|b|”|‘|c|’|`|d|`")]
    [InlineData("$5.00 @you #1 50% R&D; 2*3", "$|5.00|@|you|#|1|50|%|R|&|D|;|2|*|3")]
    [InlineData("f(x)[0]{y}<z>", "f|(|x|)|[|0|]|{|y|}|<|z|>")]
    [InlineData("He said \"no.\"", "He|said|\"|no|.|\"")]
    public void Treebank_words_follow_the_rules(string text, string words) =>
        new TreebankCounter().Count(Encoding.UTF8.GetBytes(text)).ShouldBe(words.Length == 0 ? 0 : words.Split('|').Length, words);
}
