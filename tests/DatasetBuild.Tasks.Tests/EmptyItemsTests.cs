namespace DatasetBuild.Tasks.Tests;

public sealed class EmptyItemsTests
{
    [Theory]
    [InlineData("""<DatasetBase Include="base/*.jsonl" />""", "DatasetBase: no file matches 'base/*.jsonl'.")]
    [InlineData("""<DatasetEvaluation Include="eval/**/*.jsonl;other.jsonl" />""", "DatasetEvaluation: no file matches 'eval/**/*.jsonl'.")]
    [InlineData("""<DatasetShard Include="data/*.json" />""", "DatasetShard: no file matches 'data/*.json'.")]
    [InlineData("""<DatasetShard Include="data/*.jsonl;date/*.jsonl" />""", "DatasetShard: no file matches 'date/*.jsonl'.")]
    [InlineData("""<DatasetBase Include="@(My_Base_Dataset)" />""", "DatasetBase: '@(My_Base_Dataset)' brings no file")]
    [InlineData("""<ProjectReference Include="../bas/base.csproj" OutputItemType="DatasetBase" />""", "DatasetBase: '../bas/base.csproj' brings no file")]
    [InlineData("""<DatasetShard Include="data/*.jsonl" />""", null)]
    [InlineData("""<DatasetShard Include="data/**" />""", null)]
    [InlineData("""<DatasetShard Include="**/*.*" />""", null)]
    [InlineData("""<DatasetShard Include="$(Sub)/*.jsonl" />""", null)]
    [InlineData("""<DatasetBase Include="gone.jsonl" />""", null)] // an item, of which the engine says that its file is not there
    [InlineData("""<DatasetBase Include="base/*.jsonl" Condition="'$(Wanted)' == 'true'" />""", null)]
    [InlineData("""<Item Condition="'$(Wanted)' == 'true'"><Inner /></Item><DatasetBase Include="base/?.jsonl" />""", "DatasetBase: no file matches 'base/?.jsonl'.")]
    [InlineData("""<DatasetBase Condition="'$(Wanted)' == 'true'" Include="base/*.jsonl" /><Target><DatasetBase Include="base/*.jsonl" /></Target>""", null)]
    [InlineData("""<DatasetShard Include="**/deep/a.*" />""", null)]
    [InlineData("""<DatasetShard Include="d%61ta/*.jsonl" />""", null)] // as MSBuild escapes
    [InlineData("""<ProjectReference Include="../code/code.csproj" />""", null)]
    public void What_brings_no_file_is_warned_of_at_its_line(string item, string? warning)
    {
        using var run = new TaskRun(TaskRun.Result);
        File.WriteAllText(run.Task.ProjectFile, $"<Project>\n<ItemGroup>\n  {item}\n</ItemGroup>\n</Project>");
        run.Task.Shards = [TaskRun.Item("data/deep/a.jsonl"), TaskRun.Item("data/a.jsonl")];
        run.Execute().ShouldBeTrue();

        if (warning is null)
        {
            run.Build.Warnings.ShouldBeEmpty();
            return;
        }

        var told = run.Build.Warnings.ShouldHaveSingleItem();
        (told.Code, told.File, told.LineNumber, told.ColumnNumber).ShouldBe(("DSB2023", run.Task.ProjectFile, 3, Math.Max(0, item.LastIndexOf("<DatasetBase", StringComparison.Ordinal)) + 3));
        told.Message!.ShouldStartWith(warning);
    }

    [Fact]
    public void A_project_without_any_shard_is_the_engines_to_tell()
    {
        using var run = new TaskRun(TaskRun.Result);
        File.WriteAllText(run.Task.ProjectFile, """<Project><ItemGroup><DatasetShard Include="data/*.jsonl" /></ItemGroup></Project>""");
        run.Execute().ShouldBeTrue();
        run.Build.Warnings.ShouldBeEmpty();
    }
}
