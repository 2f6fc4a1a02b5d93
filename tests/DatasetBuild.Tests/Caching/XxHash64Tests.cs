using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Caching;

public class XxHash64Tests
{
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    [InlineData("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x0B242D361FDA71BC)]
    public void Agrees_with_published_values(string text, ulong expected) => XxHash64.Hash(Encoding.ASCII.GetBytes(text)).ShouldBe(expected);

    [Fact]
    public void Every_bit_of_every_length_matters()
    {
        var data = new byte[100];
        new Random(1).NextBytes(data);
        for (var length = 1; length <= data.Length; length++)
        {
            var hash = XxHash64.Hash(data.AsSpan(0, length));
            for (var bit = 0; bit < length * 8; bit++)
            {
                data[bit / 8] ^= (byte)(1 << (bit % 8));
                XxHash64.Hash(data.AsSpan(0, length)).ShouldNotBe(hash);
                data[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }
}
