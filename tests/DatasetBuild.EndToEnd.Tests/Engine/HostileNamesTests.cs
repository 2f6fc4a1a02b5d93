using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>What MSBuild, a format string or a terminal would make something of comes through a real `dotnet build` as it is, or is shown escaped.</summary>
public sealed class HostileNamesTests
{
    private const string Odd = "%28$(HOME);@(Y){0}%3B";

    [Fact]
    public void A_message_is_neither_interpreted_by_MSBuild_nor_by_a_terminal_nor_taken_for_two()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names that its file systems do not take");
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var stamps = project.OutputStamps();
        var role = JsonSerializer.Serialize(Odd + "\u001b[31m\nfoo.cs(1,1): error CS0001: planted");
        project.Write("data/x\u001b]0;owned\u0007.jsonl", $$"""{"messages":[{"role":{{role}},"content":"a"}]}""");

        var build = project.Build().ShouldFail();

        build.Text.ShouldContain($@"x\u001b]0;owned\u0007.jsonl(1,23): error DSB1008: the role '{Odd}\u001b[31m\nfoo.cs(1,1)");
        build.Text.ShouldNotContain("\u001b");
        build.Text.ShouldNotContain("\u0007");
        build.Text.Split('\n').ShouldAllBe(line => !line.TrimStart().StartsWith("foo.cs(1,1)", StringComparison.Ordinal));
        build.Text.ShouldContain("1 Error(s)");
        project.OutputStamps().ShouldBe(stamps, ignoreOrder: true);
    }

    [Fact]
    public void Names_of_shards_and_stages_mean_themselves()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "names that its file systems do not take");
        using var project = Samples.TwoShards("""<SelectorStage Include="%2528$([System.String]::new('x'))%24(HOME)%3B%40(Y){0}" Kind="TokenLength" Counter="Words" Min="1" />""");
        project.WriteLines($"data/{Odd}.jsonl", Messages.Counting("seas", 3));

        project.Build().ShouldSucceed().Text.ShouldContain("%28x$(HOME);@(Y){0}: entered 23, kept 23");

        using var manifest = JsonDocument.Parse(File.ReadAllBytes(project.ManifestFile));
        manifest.RootElement.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("path").GetString()).ShouldContain($"data/{Odd}.jsonl");
        project.Build().ShouldSucceed().Text.ShouldContain("up to date");
        project.Clean().ExitCode.ShouldBe(0);
        Directory.Exists(project.OutputPath).ShouldBeFalse();
    }

    [Theory]
    [InlineData("""<SelectorStage Include="Sho%1B[31mrt" Kind="Random" Keep="5" />""", "DSB2005")]
    [InlineData("""<SelectorStage Include="Short" Kind="Random" Keep="%1B[31m" />""", "DSB2005")]
    [InlineData("""<SelectorStage Include="Short" Kind="Random" Keep="5" Band="0%..5%" />""", "DSB2006")]
    [InlineData("""<SelectorStage Include="Short" Kind="Random" Keep="5" /><SelectorStage Include="SHORT" Kind="Random" Keep="4" />""", "DSB2008")]
    public void A_mistake_in_the_project_is_one_error_and_nothing_is_written(string stages, string code)
    {
        using var project = Samples.TwoShards(stages);

        var build = project.Build().ShouldFail();

        build.Text.ShouldMatch($@"sample\.csproj\(\d+,\d+\): error {code}: ");
        build.Text.ShouldContain("1 Error(s)");
        build.Text.ShouldNotContain("\u001b");
        Directory.Exists(project.OutputPath).ShouldBeFalse();
    }
}
