using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary>A question about a project in which nothing changed starts no MSBuild, and is answered as MSBuild would have it all the same.</summary>
public sealed class RememberedPlanTests
{
    private const string Short = """<SelectorStage Include="Short" Kind="TokenLength" Part="Response" Counter="Words" Min="$(Least)" />""";

    [Fact]
    public void Whatever_an_evaluation_follows_from_is_noticed()
    {
        using var project = new SampleProject(
            """<DatasetShard Include="data/**/*.jsonl" /><DatasetShard Include="$(Pool)/*.jsonl" />""" + Short,
            """
            <DatasetOnly>true</DatasetOnly>
            <Pool>../pool</Pool>
            <Least Condition="'$(Least)' == ''">1</Least>
            </PropertyGroup>
            <Import Project="my.props" />
            <Import Project="mine.props" Condition="Exists('mine.props')" />
            <PropertyGroup>
            """,
            restores: true);
        project.Write("my.props", "<Project />").WriteLines("data/a.jsonl", Messages.Counting("reed", 6)).WriteLines("../pool/b.jsonl", Messages.Counting("rush", 3));
        project.Build().ShouldSucceed();
        Remembered(project).ShouldBe(Status(project.Folder, ["--json"], ("XDG_CACHE_HOME", project.PathOf("../forgetful"))).Output);
        Changes(() => project.WriteLines("data/far/below/c.jsonl", Messages.Counting("moss", 2)));
        Changes(() => project.WriteLines("../pool/d.jsonl", Messages.Counting("fern", 2)));
        Changes(() => File.Delete(project.PathOf("data/far/below/c.jsonl")));
        Changes(() => project.Write("my.props", Least(2)));
        Changes(() => project.Write("mine.props", Least(3)));
        Changes(() => project.Write("sample.csproj.user", Least(4)));
        Changes(() => project.Edit("sample.csproj", text => text.Replace("Counter=\"Words\"", "Counter=\"Bytes\"")));
        Changes(() => project.Write("Directory.Build.props", """
            <Project>
              <Import Project="$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '$(MSBuildThisFileDirectory)../'))" />
              <PropertyGroup><DatasetOutputShards>2</DatasetOutputShards></PropertyGroup>
            </Project>
            """));
        Changes(() => project.Write("Directory.Build.rsp", "-p:DatasetOutputShards=4"));
        Changes(() => project.Edit("../Directory.Build.targets", text => text.Replace("<Project>", "<Project><PropertyGroup><DatasetOutputOrder>Source</DatasetOutputOrder></PropertyGroup>")));

        void Changes(Action change)
        {
            var before = Remembered(project);
            change();
            Ask(project).ShouldNotBe(before);
        }
    }

    [Fact]
    public void The_environment_the_command_line_and_the_folder_of_work_are_part_of_the_question()
    {
        using var project = new SampleProject("""<DatasetShard Include="data/*.jsonl" />""" + Short, restores: true).WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        project.Write("elsewhere/global.json", "{}");
        DatasetTool.RunIn(project.Folder, ["build"], ("Least", "1")).ShouldExitWith(0);
        var plain = Ask(project, [], ("Least", "1"));
        Ask(project, [], ("Least", "2")).ShouldNotBe(plain);
        Ask(project, ["-p:Least=3"], ("Least", "1")).ShouldNotBe(plain);
        Ask(project, ["-c:Release"], ("Least", "1")).ShouldNotBe(plain);
        Remembered(project, ("Least", "1")).ShouldBe(plain);

        // What a shell does by itself is none.
        Remembered(project, ("Least", "1"), ("OLDPWD", "/elsewhere"), ("SHLVL", "7")).ShouldBe(plain);
        Status(project.PathOf("elsewhere"), [project.Folder], ("Least", "1")).Error.ShouldContain("Determining projects");
    }

    [Theory]
    [InlineData("", """<Target Name="More" BeforeTargets="BuildDataset"><ItemGroup><DatasetShard Include="more/*.jsonl" /></ItemGroup></Target>""", "has a Target of its own")]
    [InlineData("<Least>$([System.IO.File]::ReadAllText('$(MSBuildProjectDirectory)/least.txt'))</Least>", "", "uses [System.IO.File]::ReadAllText")]
    [InlineData("<Least>$(SHLVL)</Least>", "", "uses the variable SHLVL")]
    [InlineData("", """<ItemGroup><DatasetShard Include="$(Where.Trim())/*.jsonl" /></ItemGroup>""", "has a pattern that cannot be followed")]
    public void Where_that_cannot_be_known_MSBuild_is_asked_each_time(string property, string rest, string reason)
    {
        using var project = new SampleProject("""<DatasetShard Include="data/*.jsonl" />""", "<DatasetOnly>true</DatasetOnly>" + property, restores: true);
        project.WriteLines("data/a.jsonl", Messages.Counting("reed", 2)).Write("least.txt", "1");
        project.Edit("sample.csproj", text => text.Replace("</Project>", rest + "</Project>"));
        Status(project.Folder, []);
        Status(project.Folder, []).Error.ShouldContain("MSBuild has to be asked each time: sample.csproj " + reason);
    }

    private static string Least(int words) => $"<Project><PropertyGroup><Least>{words}</Least></PropertyGroup></Project>";

    /// <summary>The answer, for which MSBuild has to be asked.</summary>
    private static string Ask(SampleProject project, string[]? arguments = null, params (string Name, string Value)[] environment)
    {
        var answer = Status(project.Folder, ["--json", .. arguments ?? []], environment);
        answer.Error.ShouldContain("Determining projects");
        return answer.Output;
    }

    /// <summary>The answer, which has to come without MSBuild. The first may not: restoring a project changes its folders.</summary>
    private static string Remembered(SampleProject project, params (string Name, string Value)[] environment)
    {
        Status(project.Folder, ["--json"], environment);
        var answer = Status(project.Folder, ["--json"], environment);
        answer.Error.ShouldBeEmpty();
        return answer.Output;
    }

    private static ToolOutput Status(string folder, string[] arguments, params (string Name, string Value)[] environment) =>
        DatasetTool.RunIn(folder, ["status", .. arguments, "-v", "detailed"], environment).ShouldExitWith(0);
}
