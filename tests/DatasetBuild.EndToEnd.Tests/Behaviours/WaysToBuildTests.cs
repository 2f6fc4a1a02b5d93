using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>However MSBuild is run, a build does the same work, and does it once.</summary>
public sealed class WaysToBuildTests(TwoDatasets datasets) : IClassFixture<TwoDatasets>
{
    private readonly SampleProject project = datasets.Derived;

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("-m:2", false)]
    [InlineData("-m:2", true)]
    [InlineData("-mt", true)]
    [InlineData("-graph", false)]
    [InlineData("-graph -isolate", false)]
    [InlineData("-graph -isolate", true)]
    [InlineData("-check", false)]
    public void An_edit_is_built_and_then_there_is_nothing_to_do(string way, bool nodeReuse)
    {
        project.UsesServer = false;
        AnEditIsBuiltAndThenThereIsNothingToDo(way, nodeReuse);
    }

    [Fact]
    public void A_build_server_builds_as_well()
    {
        project.UsesServer = true;
        AnEditIsBuiltAndThenThereIsNothingToDo();
    }

    /// <summary>MSBuild deletes as left-overs what a build did not name again: nothing may be named in the first build only.</summary>
    [Fact]
    public void Three_builds_with_nothing_to_do_touch_no_file()
    {
        project.UsesServer = false; // no process remembers what another one named
        Build();
        for (var build = 0; build < 3; build++)
        {
            ShouldHaveNothingToDo();
        }
    }

    [Fact]
    public void A_rebuild_puts_the_files_in_place_again_and_scores_nothing()
    {
        project.UsesServer = true;
        Build();
        var before = project.OutputBytes();
        var rebuild = Build("--no-incremental");
        rebuild.Of("OverThere", "scored").ShouldBe(0);
        rebuild.Of("Duplicates", "entered").ShouldBe(datasets.Entering);
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }

    private void AnEditIsBuiltAndThenThereIsNothingToDo(string way = "", bool nodeReuse = false)
    {
        datasets.AddARecord();
        var build = Build(way, nodeReuse);
        build.Of("OverThere", "scored").ShouldBe(1, build.Text);
        build.Of("Duplicates", "entered").ShouldBe(datasets.Entering);

        ShouldHaveNothingToDo(way, nodeReuse);
    }

    private void ShouldHaveNothingToDo(string way = "", bool nodeReuse = false)
    {
        var stamps = datasets.Stamps();
        var build = Build(way, nodeReuse);
        build.Text.ShouldMatch(@"base -> .*, up to date\)");
        build.Text.ShouldMatch(@"derived -> .*, up to date\)");
        datasets.Stamps().ShouldBe(stamps, ignoreOrder: true);
    }

    private BuildOutput Build(string way = "", bool nodeReuse = false) =>
        project.Run("build", ["-verbosity:normal", .. way.Split(' ', StringSplitOptions.RemoveEmptyEntries)], nodeReuse).ShouldSucceed();
}
