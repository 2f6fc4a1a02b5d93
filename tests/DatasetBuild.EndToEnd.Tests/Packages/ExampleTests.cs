using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>The examples are what a user writes: copied out of this repository, they build with nothing but the packages.</summary>
public sealed class ExampleTests(PackedFeed feed)
{
    [Fact]
    public void Of_two_datasets_the_second_takes_in_the_first()
    {
        using var project = Example("two-datasets");
        var build = project.DotNet("build", "../two-datasets/derived").ShouldSucceed();
        build.Text.ShouldContain("(kept 4 of 6)");
        build.Text.ShouldContain("(kept 4 of 8)");
    }

    [Fact]
    public void Records_that_stand_in_an_evaluation_set_are_dropped_or_marked()
    {
        using var project = Example("decontaminate");
        var build = project.DotNet("build", "../decontaminate").ShouldSucceed();
        build.Text.ShouldContain("(kept 4 of 6)");
        build.Text.ShouldContain("2 contaminated");
        build.Text.ShouldContain("1 marked");
        var verdicts = File.ReadAllText(project.PathOf("../decontaminate/bin/Debug/net10.0/dataset.report/verdicts/data/lessons.jsonl.csv"));
        verdicts.ShouldMatch("dropped,Copies,contaminated,,[0-9a-f]{32},,5,,eval/questions.jsonl:3,which river flows through vienna,,");
        verdicts.ShouldMatch("kept,,,,[0-9a-f]{32},train,0,7,,,eval/questions.jsonl:2,the library of a small town lends");
    }

    [Fact]
    public void Lengths_are_counted_as_the_model_is_trained()
    {
        using var project = Example("chat-templates");
        project.DotNet("build", "../chat-templates").ShouldSucceed().Text.ShouldContain("(kept 3 of 6)");
    }

    [Fact]
    public void What_resembles_another_record_or_one_of_the_base_is_dropped()
    {
        using var project = Example("near-duplicates");
        var build = project.DotNet("build", "../near-duplicates").ShouldSucceed();
        build.Text.ShouldContain("(kept 7 of 13)");
        build.Text.ShouldContain("6 near duplicate");
    }

    [Fact]
    public void A_program_reads_what_was_selected()
    {
        using var project = Example("consume-from-csharp");
        var lines = project.DotNet("run", "--project", "../consume-from-csharp/reader").Text.Trim().Split('\n');
        lines.Length.ShouldBe(4);
        lines.ShouldContain("How many legs does a spider have? Eight.");
    }

    [Fact]
    public void A_language_model_scores_with_nothing_to_install()
    {
        using var project = Example("loss");
        project.DotNet("build", "../loss").ShouldSucceed().Text.ShouldContain("28 above Max");
    }

    [Fact]
    public void A_project_of_the_sdk_style_is_a_few_lines()
    {
        using var project = Example("sdk-style");
        project.DotNet("build", "../sdk-style").ShouldSucceed().Text.ShouldContain("(kept 2 of 4)");
    }

    /// <summary>A folder with the example in it, without what builds of it have left.</summary>
    private SampleProject Example(string name)
    {
        var project = new SampleProject(packages: feed);
        var example = Path.Combine(Built.Repository, "examples", name);
        foreach (var file in SampleProject.FilesUnder(example).Select(file => Path.GetRelativePath(example, file)))
        {
            var folders = file.Split('/', '\\')[..^1];
            if (!folders.Intersect(["bin", "obj", "packages"]).Any() && Path.GetFileName(file) != "nuget.config")
            {
                project.Write(Path.Combine("..", name, file), "");
                var (from, to) = (Path.Combine(example, file), project.PathOf(Path.Combine("..", name, file)));
                if (Path.GetExtension(file).EndsWith("proj", StringComparison.Ordinal) || Path.GetExtension(file) is ".json" or ".sh")
                {
                    File.WriteAllText(to, File.ReadAllText(from).Replace("0.1.0", feed.Version));
                }
                else
                {
                    File.Copy(from, to, overwrite: true);
                }
            }
        }

        return project;
    }
}
