using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>An editor evaluates a project, and asks it for its references, at every other keystroke: that must neither build data nor fail.</summary>
public sealed class DesignTimeTests(PackedFeed feed)
{
    [Theory]
    [InlineData("<DatasetOnly>true</DatasetOnly>")]
    [InlineData("")]
    public void An_editor_starts_nothing(string properties)
    {
        using var project = Samples.BaseAndDerived(feed);
        project.Edit("derived.csproj", text => text.Replace("<DatasetOnly>true</DatasetOnly>", properties));
        project.DotNet("restore").ExitCode.ShouldBe(0);
        foreach (var targets in (string[])["ResolveProjectReferences;ResolveAssemblyReferences", "Compile", "GetCopyToOutputDirectoryItems"])
        {
            project.DotNet(
                "build", "--no-restore", $"-t:{targets}", "-p:DesignTimeBuild=true", "-p:BuildingInsideVisualStudio=true", "-p:BuildProjectReferences=false",
                "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true").ShouldSucceed();
        }

        Directory.Exists(project.StatePath).ShouldBeFalse();
        Directory.Exists(project.PathOf("../base/obj/Debug/net10.0/dataset")).ShouldBeFalse();
        Directory.Exists(project.CachePath).ShouldBeFalse();
    }
}
