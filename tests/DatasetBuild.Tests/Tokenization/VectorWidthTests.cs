using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>The same tokens whatever vectors the machine has, in processes for which some are switched off.</summary>
public sealed class VectorWidthTests
{
    private const string Expected = "DATASETBUILD_TESTS_VECTOR_BITS";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public void Fewer_vectors_give_the_same_tokens(string variable, int bits)
    {
        Assert.SkipUnless(Avx2.IsSupported && Environment.GetEnvironmentVariable(Expected) is null, "for x64 with AVX2, in the process that is started first");
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--filter-method", $"*{nameof(Tokens_are_those_of_the_reference_with_the_vectors_that_are_left)}"]) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Insert(0, typeof(VectorWidthTests).Assembly.Location);
        }

        start.Environment[variable] = "0";
        start.Environment[Expected] = bits.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, output);
        output.ShouldContain("succeeded: 1", customMessage: output);
    }

    [Fact]
    public void Tokens_are_those_of_the_reference_with_the_vectors_that_are_left()
    {
        var expected = Environment.GetEnvironmentVariable(Expected);
        ByteClasses.VectorBits.ShouldBe(expected is null ? ByteClasses.VectorBits : int.Parse(expected, CultureInfo.InvariantCulture));
        var tokenizer = LoadedTokenizers.Get("cl100k_base.tiktoken");
        using var hard = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokens", "hard-ids.json")));
        foreach (var @case in hard.RootElement.GetProperty("cl100k_base").EnumerateArray())
        {
            var utf8 = Encoding.UTF8.GetBytes(@case.GetProperty("text").GetString()!);
            var ids = @case.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            tokenizer.Ids(utf8).ShouldBe(ids);
            tokenizer.Count(utf8).ShouldBe(ids.Length);
        }

        foreach (var line in SharedData.Lines(SharedData.Path("tokens", "multilingual.jsonl.gz")).Where(line => line.Length > 0).Take(expected is null ? 50 : 1500))
        {
            using var texts = JsonDocument.Parse(line);
            foreach (var (text, count) in texts.RootElement.GetProperty("texts").EnumerateArray().Zip(texts.RootElement.GetProperty("cl100k_base").EnumerateArray()))
            {
                tokenizer.Count(Encoding.UTF8.GetBytes(text.GetString()!)).ShouldBe(count.GetInt32());
            }
        }
    }
}
