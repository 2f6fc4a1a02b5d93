using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>Two ways to ask MSBuild whether a dataset is up to date: `-question` fails where it is not, GetDatasetStatus tells. Neither changes anything.</summary>
public sealed class QuestionTests(PackedFeed feed)
{
    [Fact]
    public void Whatever_changes_is_told_by_its_name()
    {
        using var project = Samples.TwoShards(packages: feed);
        project.Write("shared.props", """<Project><ItemGroup><DatasetShard Include="more/a.jsonl" /></ItemGroup></Project>""");
        project.WriteLines("more/a.jsonl", Messages.Counting("hills", 3)).WriteLines("more/b.jsonl", Messages.Counting("woods", 3));
        project.Edit("sample.csproj", text => text.Replace("Min=\"4\"", "Min=\"$(Least)\"")
            .Replace("<ItemGroup>", "<PropertyGroup><Least Condition=\"'$(Least)' == ''\">4</Least></PropertyGroup><Import Project=\"shared.props\" /><ItemGroup>"));

        ShouldBeStale(project, "it was not built before");
        project.Build().ShouldSucceed();
        ShouldBeCurrent(project);

        ShouldBeStale(project, "stage Short changed (Min 4 to 5)", "-p:Least=5");

        project.WriteLines("data/c.jsonl", Messages.Counting("seas", 5));
        ShouldBeStale(project, "shard data/c.jsonl new");
        project.Build().ShouldSucceed().Of("Duplicates", "entered").ShouldBe(28);

        File.Delete(project.PathOf("data/c.jsonl"));
        ShouldBeStale(project, "shard data/c.jsonl removed");

        project.Edit("data/a-rivers.jsonl", text => text + Messages.Chat("What is new?", "Not much.") + "\n");
        ShouldBeStale(project, "shard data/a-rivers.jsonl changed (");

        project.Edit("shared.props", text => text.Replace("a.jsonl", "b.jsonl"));
        ShouldBeStale(project, "shard more/b.jsonl new; shard more/a.jsonl removed (from the project)");

        project.Edit("sample.csproj", text => text.Replace(Samples.Dedup, "").Replace(Samples.Short.Replace("4", "$(Least)"), Samples.Short.Replace("4", "$(Least)") + Samples.Dedup));
        ShouldBeStale(project, "stage Short moved");

        File.Delete(Path.Combine(project.OutputPath, "README.md"));
        ShouldBeStale(project, "output bin/Debug/net10.0/dataset/README.md removed");

        project.Build().ShouldSucceed().Of("Short", "entered").ShouldBe(24);
        ShouldBeCurrent(project);
    }

    /// <summary>Nothing is built for an answer, so what a dataset takes in has to be asked as well.</summary>
    [Fact]
    public void A_dataset_that_is_taken_in_is_asked_too()
    {
        using var project = Samples.BaseAndDerived(feed);
        project.DotNet("restore").ExitCode.ShouldBe(0);
        Status(project).GetProperty("Changes").GetString().ShouldBe($"dataset {Path.GetFullPath(project.PathOf("../base/base.csproj"))} is stale: it was not built before");
        project.Build().ShouldSucceed();
        ShouldBeCurrent(project, kept: 15);

        project.Edit("../base/data/a.jsonl", text => text + Messages.Chat("What is new?", "This.") + "\n");
        var status = Status(project, "-graph", "-isolate");
        status.GetProperty("UpToDate").GetString().ShouldBe("false");
        status.GetProperty("Reason").GetString().ShouldBe("a dataset that it takes in is not up to date");
        project.DotNet("build", "--no-restore", "-question").ShouldFail().Text.ShouldContain("base.csproj : error DSB2020: the dataset is not up to date: shard data/a.jsonl changed");
    }

    private static void ShouldBeCurrent(SampleProject project, int? kept = null)
    {
        var before = Stamps(project);
        project.DotNet("build", "-question").ShouldSucceed().Text.ShouldContain("up to date)");
        var status = Status(project);
        status.GetProperty("UpToDate").GetString().ShouldBe("true");
        status.GetProperty("Reason").GetString().ShouldBe("");
        status.GetProperty("Changes").GetString().ShouldBe("");
        status.GetProperty("Identity").GetString().ShouldBe(project.OutputPath + "/");
        status.GetProperty("Manifest").GetString().ShouldBe(project.ManifestFile);
        status.GetProperty("Kept").GetString().ShouldBe((kept ?? project.Records().Length).ToString((IFormatProvider?)null));
        Stamps(project).ShouldBe(before, ignoreOrder: true);
    }

    private static void ShouldBeStale(SampleProject project, string reason, params string[] arguments)
    {
        project.DotNet("restore").ExitCode.ShouldBe(0);
        var before = Stamps(project);
        var question = project.DotNet(["build", "--no-restore", "-question", .. arguments]).ShouldFail();
        question.Text.ShouldContain("sample.csproj : error DSB2020: the dataset is not up to date: ");
        question.Text.ShouldContain(reason);
        question.Text.ShouldContain("1 Error(s)");

        var status = Status(project, arguments);
        status.GetProperty("UpToDate").GetString().ShouldBe("false");
        (status.GetProperty("Changes").GetString()!.Replace("\n", "; ") + status.GetProperty("Reason").GetString()).ShouldContain(reason);
        Stamps(project).ShouldBe(before, ignoreOrder: true);
    }

    /// <summary>All files of the project, its cache, and the projects beside it, but those that the SDK writes in any case before it builds something.</summary>
    private static Dictionary<string, string> Stamps(SampleProject project) => FileStamp.Of(SampleProject.FilesUnder(project.PathOf(".."))
        .Where(file => Path.GetDirectoryName(Path.GetFullPath(file)) != project.PathOf("obj/Debug/net10.0")));

    private static JsonElement Status(SampleProject project, params string[] arguments)
    {
        var answer = project.DotNet(["build", "--no-restore", "-getTargetResult:GetDatasetStatus", .. arguments]);
        answer.ExitCode.ShouldBe(0, answer.Text);
        using var json = JsonDocument.Parse(answer.Text);
        return json.RootElement.GetProperty("TargetResults").GetProperty("GetDatasetStatus").GetProperty("Items").EnumerateArray().ShouldHaveSingleItem().Clone();
    }
}
