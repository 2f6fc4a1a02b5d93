using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>
/// MSBuild makes an error of a warning after the engine gave it. The subset is there all the same, to be looked at; the build fails, and so does every
/// further one, until what is warned of is mended or allowed.
/// </summary>
public sealed class WarningsAsErrorsTests(PackedFeed feed)
{
    [Theory]
    [InlineData("-warnaserror")]
    [InlineData("-warnaserror:DSB1020")]
    [InlineData("-p:TreatWarningsAsErrors=true")]
    public void A_warning_about_data_fails_the_build_and_the_next_one(string strict)
    {
        using var project = Samples.TwoShards(Samples.Short.Replace("4", "40"), packages: feed);
        for (var build = 0; build < 2; build++)
        {
            var text = project.Build(strict).ShouldFail().Text;
            text.ShouldMatch(@"sample\.csproj\(\d+,\d+\): error DSB1020: ");
            text.ShouldContain("(kept 0 of 20" + (build > 0 ? ", up to date)" : ")"));
            project.OutputFiles().Length.ShouldBe(4);
        }

        // Who does not mind has the subset already.
        var lenient = project.Build();
        lenient.ExitCode.ShouldBe(0, lenient.Text);
        lenient.Text.ShouldContain("warning DSB1020");
        lenient.Text.ShouldContain(", up to date)");

        // What a failed build wrote can be cleaned up as well.
        project.Build("--no-incremental", strict).ShouldFail();
        project.Clean().ExitCode.ShouldBe(0);
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldBeEmpty();
    }
}
