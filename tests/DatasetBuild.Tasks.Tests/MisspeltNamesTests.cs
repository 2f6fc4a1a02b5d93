namespace DatasetBuild.Tasks.Tests;

public sealed class MisspeltNamesTests
{
    [Theory]
    [InlineData("""<ItemGroup><DatasetShrd Include="a" /></ItemGroup>""", "the item DatasetShrd means nothing to DatasetBuild. Did you mean DatasetShard?")]
    [InlineData("""<ItemGroup Condition="false"><DatasetEvalution Include="a" /></ItemGroup>""", "the item DatasetEvalution means nothing to DatasetBuild. Did you mean DatasetEvaluation?")]
    [InlineData("""<ItemGroup><SelectorsStage Include="a" Kind="Random" /></ItemGroup>""", "the item SelectorsStage means nothing to DatasetBuild. Did you mean SelectorStage?")]
    [InlineData("""<ItemGroup><ProjectReference Include="a" OutputItemType="DatasetBse" /></ItemGroup>""", "the OutputItemType DatasetBse means nothing to DatasetBuild. Did you mean DatasetBase?")]
    [InlineData("""<PropertyGroup><DatasetValidationSplt>1%</DatasetValidationSplt></PropertyGroup>""", "the property DatasetValidationSplt means nothing to DatasetBuild. Did you mean DatasetValidationSplit?")]
    [InlineData("""<ItemGroup><datasetshard Include="a" /><SelectorStage Include="b" /><ProjectReference Include="a" /></ItemGroup>""", null)]
    [InlineData("""<PropertyGroup><DatasetFolder>/data</DatasetFolder><OutputType>Exe</OutputType></PropertyGroup><ItemGroup><Compile Include="a" /></ItemGroup>""", null)]
    [InlineData("""<ItemGroup><DatasetShards Include="a" /><DatasetShard Include="@(DatasetShards)" /></ItemGroup>""", null)] // a step on the user's way
    [InlineData("""<PropertyGroup><DatasetNam>a</DatasetNam><DatasetName>$(DatasetNam)</DatasetName></PropertyGroup>""", null)]
    [InlineData("""<ItemGroup><DatasetShard Include="a"><DatasetShrd>metadata</DatasetShrd></DatasetShard></ItemGroup>""", null)]
    public void A_name_that_is_almost_one_of_ours_is_told_at_its_place(string content, string? warning)
    {
        using var run = new TaskRun(TaskRun.Result);
        File.WriteAllText(run.Task.ProjectFile, $"<Project>\n{content}\n</Project>");
        run.Task.Shards = [TaskRun.Item("a.jsonl")];
        run.Task.Settings = [TaskRun.Item("DatasetValidationSplit"), TaskRun.Item("DatasetName")];
        run.Execute().ShouldBeTrue();

        run.Build.Warnings.Select(told => (told.Code, told.File, told.LineNumber, told.ColumnNumber, told.Message))
            .ShouldBe(warning is null ? [] : [("DSB2019", run.Task.ProjectFile, 2, content.IndexOf('<', 1) + 1, warning)]);
    }
}
