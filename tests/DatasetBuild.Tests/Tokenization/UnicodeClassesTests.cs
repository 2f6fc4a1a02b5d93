using System.Globalization;
using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

public sealed class UnicodeClassesTests
{
    // .NET 10 follows Unicode 16.0, as the written table does. A later runtime may tell other categories, and then the table is right.
    [Fact]
    public void The_written_classes_are_those_of_the_runtime()
    {
        Environment.Version.Major.ShouldBe(10);
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            var classes = UnicodeClasses.Of(code);
            var expected = 1u << (int)CharUnicodeInfo.GetUnicodeCategory(code);
            if (Rune.IsValid(code) && Rune.IsWhiteSpace(new Rune(code)))
            {
                expected |= UnicodeClasses.WhiteSpace;
            }

            if (classes != expected)
            {
                classes.ShouldBe(expected, $"U+{code:X4}");
            }
        }
    }
}
