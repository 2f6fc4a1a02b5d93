using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Where in a project a mistake is said to be.</summary>
public sealed class ItemLocationTests : IDisposable
{
    private const string Content = """
        <Project Sdk="DatasetBuild.Sdk">
          <PropertyGroup><DatasetThreads>1</DatasetThreads> <DatasetThreads Condition="true">many</DatasetThreads></PropertyGroup>
          <ItemGroup>
            <DatasetShard Include="data/*.jsonl" /><DatasetShard Include="more/b.jsonl" />
              <DatasetStage Include="Short" Kind="TokenLength" />
          </ItemGroup>
        </Project>
        """;

    private readonly ScratchFolder folder = new();
    private readonly string project;

    public ItemLocationTests() => project = folder.Write("my.csproj", System.Text.Encoding.UTF8.GetBytes(Content));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_element_is_found_where_its_bracket_stands()
    {
        TextAt(ItemLocation.Property(project, "DatasetThreads")).ShouldStartWith("<DatasetThreads Condition");
        TextAt(ItemLocation.Named(project, "DatasetStage", "Short")).ShouldStartWith("<DatasetStage ");
        TextAt(ItemLocation.OfFile(project, "DatasetShard", folder.At("more/b.jsonl"), Path.GetDirectoryName(project)!)).ShouldStartWith("<DatasetShard Include=\"more");
        TextAt(ItemLocation.OfFile(project, "DatasetShard", folder.At("data/a.jsonl"), Path.GetDirectoryName(project)!)).ShouldStartWith("<DatasetShard Include=\"data");
    }

    [Fact]
    public void What_is_not_there_has_no_place() =>
        ItemLocation.Property(project, "DatasetName").Find().ShouldBe((project, 0, 0));

    private static string TextAt(ItemLocation location)
    {
        var (file, line, column) = location.Find();
        return File.ReadAllLines(file)[line - 1][(column - 1)..];
    }
}
