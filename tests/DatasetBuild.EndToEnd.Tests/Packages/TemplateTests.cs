using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

public sealed class TemplateTests(PackedFeed feed)
{
    [Fact]
    public void A_new_project_builds_and_each_of_its_stages_drops_something()
    {
        using var project = new SampleProject(packages: feed) { UsesServer = false };
        project.DotNet("new", "install", feed.Package("DatasetBuild.Templates")).ExitCode.ShouldBe(0);
        var made = project.DotNet("new", "dataset", "--output", "../my-chat", "--keep", "60%");
        made.ExitCode.ShouldBe(0, made.Text);

        var build = project.DotNet("build", "../my-chat", "-verbosity:normal").ShouldSucceed();
        build.Text.ShouldContain("my-chat -> ");
        foreach (var stage in new[] { "Duplicates", "TooShortOrLong", "BestRated" })
        {
            build.Of(stage, "dropped").ShouldBeGreaterThan(0, stage);
        }

        File.ReadAllText(project.PathOf("../my-chat/my-chat.csproj")).ShouldContain("Keep=\"60%\"");
        File.Exists(project.PathOf("../my-chat/.gitignore")).ShouldBeTrue();
    }
}
