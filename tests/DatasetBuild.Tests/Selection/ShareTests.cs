using System.Globalization;
using System.Numerics;
using DatasetBuild.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

public sealed class ShareTests
{
    [Theory]
    [InlineData("6%", 52_002, 3_120)]
    [InlineData("5%", 52_002, 2_600)]
    [InlineData("10%", 9_229, 922)]
    [InlineData("29%", 100, 29)] // 0.29 x 100 is 28.999… in binary
    [InlineData("0.7%", 1_000, 7)] // 0.007 x 1000 is 7.000…1 in binary, 0.7 x 10 is 7
    [InlineData("57%", 100, 57)]
    [InlineData("100%", 7, 7)]
    [InlineData("0%", 7, 0)]
    [InlineData("33.333333333333333333%", 3, 0)]
    [InlineData("99.9999999%", 2_000_000_000, 1_999_999_998)]
    public void A_share_is_an_exact_decimal(string text, int count, int expected)
    {
        Share.TryParse(text, out var share).ShouldBeTrue();
        share.Of(count).ShouldBe(expected);
    }

    [Fact]
    public void A_share_is_the_floor_of_the_fraction() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Seeds.Any, Seeds.Any, (seed, count) =>
        {
            var hundredMillionths = new Random(seed).Next(100_000_001);
            Share.TryParse((hundredMillionths / 1_000_000m).ToString(CultureInfo.InvariantCulture) + "%", out var share).ShouldBeTrue();

            share.Of(count).ShouldBe((int)((BigInteger)hundredMillionths * count / 100_000_000));
        }));

    [Theory]
    [InlineData("1000", "1000")]
    [InlineData("0", "0")]
    [InlineData("6%", "6%")]
    [InlineData(" 6.50 % ", "6.5%")]
    [InlineData("5000000 tokens", "5000000 tokens")]
    [InlineData("5000000   tokens ", "5000000 tokens")]
    public void Keep_is_a_count_a_share_or_a_budget(string text, string shown)
    {
        Keep.TryParse(text, out var keep).ShouldBeTrue();
        keep!.ToString().ShouldBe(shown);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("101%")]
    [InlineData("-1%")]
    [InlineData("%")]
    [InlineData("1,5%")]
    [InlineData("6%%")]
    [InlineData("5 words")]
    [InlineData("tokens")]
    [InlineData("99999999999")]
    public void Anything_else_is_not(string text) => Keep.TryParse(text, out _).ShouldBeFalse();
}
