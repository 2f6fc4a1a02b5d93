using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class MistakeTests
{
    [Fact]
    public void A_broken_line_is_an_error_at_its_place_and_there_is_no_subset()
    {
        using var project = Samples.TwoShards();
        project.Edit("data/b-lakes.jsonl", text => "{\"messages\": [}\n" + text);
        var build = project.Build().ShouldFail();
        build.Text.ShouldMatch(@"data/b-lakes\.jsonl\(1,\d+\): error DSB1001: ");
        File.Exists(project.ManifestFile).ShouldBeFalse();
    }

    [Fact]
    public void A_mended_line_is_all_that_the_next_build_needs()
    {
        using var project = Samples.TwoShards();
        project.Edit("data/b-lakes.jsonl", text => text + "oops\n");
        project.Build().ShouldFail().Text.ShouldMatch(@"data/b-lakes\.jsonl\(11,1\): error DSB1001: ");
        project.Edit("data/b-lakes.jsonl", text => text.Replace("oops\n", "", StringComparison.Ordinal));
        project.Build().ShouldSucceed();
        project.ShouldEqualABuildFromNothing();
    }

    [Theory]
    [InlineData("""<SelectorStage Include="Lenght" Kind="TokenLenght" Min="4" />""", "DSB2002", "TokenLength")]
    [InlineData("""<SelectorStage Include="Short" Kind="TokenLength" Minimum="4" />""", "DSB2003", "Min")]
    [InlineData("""<SelectorStage Include="Short" Kind="TokenLength" Counter="Words" Min="$(Typo)" />""", "DSB2004", "Min")]
    [InlineData("""<SelectorStage Include="Short" Kind="TokenLength" Counter="Words" Min="four" />""", "DSB2005", "four")]
    public void A_mistake_in_the_project_names_what_is_wrong_and_where(string stage, string code, string hint)
    {
        using var project = Samples.TwoShards(stage);
        var build = project.Build().ShouldFail();
        build.Text.ShouldMatch($@"sample\.csproj.*error {code}: .*{hint}");
        build.Text.ShouldNotContain("DSB9001");
    }

    [Fact]
    public void A_field_that_no_record_has_is_a_warning()
    {
        using var project = Samples.TwoShards(Samples.Rated);
        var build = project.Build();
        build.ExitCode.ShouldBe(0, build.Text);
        build.Text.ShouldMatch(@"sample\.csproj\(\d+,\d+\): warning DSB1031: .*'Rated'.*Field=.quality.");
    }

    [Theory]
    [InlineData(Samples.Shards)] // a pattern that matches nothing
    [InlineData("")]
    public void A_project_without_shards_says_so(string shards)
    {
        using var project = new SampleProject(shards + Samples.Short);
        project.Build().ShouldFail().Text.ShouldMatch(@"sample\.csproj(\(\d+,\d+\)| ): error DSB2009: ");
        File.Exists(project.ManifestFile).ShouldBeFalse();
    }
}
