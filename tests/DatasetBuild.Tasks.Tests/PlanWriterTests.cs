using System.Text;
using System.Text.Json;
using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks.Tests;

public sealed class PlanWriterTests
{
    [Fact]
    public void The_plan_holds_what_the_project_says()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Task.CachePath = "/cache/";
        run.Task.Settings = [TaskRun.Item("DatasetTokenizer", ("Value", "models/base/tokenizer.json")), TaskRun.Item("DatasetMaxLength", ("Value", ""))];
        run.Task.Shards = [TaskRun.Item("data/ä.jsonl", ("Dialect", "Alpaca"))];
        run.Task.Stages = [TaskRun.Item("Short", ("Kind", "TokenLength"), ("Max", "8"), ("Min", "")), TaskRun.Item("Again")];
        run.Execute().ShouldBeTrue();

        using var json = JsonDocument.Parse(File.ReadAllBytes(run.Task.PlanFile));
        var plan = json.RootElement;
        plan.GetProperty("version").GetInt32().ShouldBe(1);
        plan.GetProperty("project").GetString().ShouldBe(run.Task.ProjectFile);
        plan.GetProperty("outputPath").GetString().ShouldBe(run.Task.OutputPath);
        plan.GetProperty("reportPath").GetString().ShouldBe(run.Task.ReportPath);
        plan.GetProperty("statePath").GetString().ShouldBe(run.Task.StatePath);
        plan.GetProperty("cachePath").GetString().ShouldBe("/cache/");
        plan.GetProperty("properties").GetRawText().ReplaceWhiteSpace().ShouldBe("""{"DatasetTokenizer":"models/base/tokenizer.json"}""");

        var shard = plan.GetProperty("shards")[0];
        shard.GetProperty("path").GetString().ShouldBe(Path.Combine(run.Folder, "data/ä.jsonl"));
        shard.GetProperty("metadata").GetRawText().ReplaceWhiteSpace().ShouldBe("""{"Dialect":"Alpaca"}""");
        shard.GetProperty("definedIn").GetString().ShouldBe(run.Task.ProjectFile);

        var stages = plan.GetProperty("stages");
        stages[0].GetProperty("name").GetString().ShouldBe("Short");
        stages[0].GetProperty("metadata").GetRawText().ReplaceWhiteSpace().ShouldBe("""{"Kind":"TokenLength","Max":"8","Min":""}""");
        stages[1].GetProperty("name").GetString().ShouldBe("Again");
    }

    [Fact]
    public void A_plan_that_says_the_same_is_left_alone()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Execute().ShouldBeTrue();
        var longAgo = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(run.Task.PlanFile, longAgo);

        run.Execute().ShouldBeTrue();
        File.GetLastWriteTimeUtc(run.Task.PlanFile).ShouldBe(longAgo);

        run.Task.Stages = [TaskRun.Item("Short")];
        run.Execute().ShouldBeTrue();
        File.GetLastWriteTimeUtc(run.Task.PlanFile).ShouldNotBe(longAgo);
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_order_in_which_metadata_was_set()
    {
        var one = Plan(TaskRun.Item("Short", ("Min", "1"), ("Kind", "TokenLength"), ("Max", "2")));
        var other = Plan(TaskRun.Item("Short", ("Max", "2"), ("Min", "1"), ("Kind", "TokenLength")));
        PlanWriter.ToJson(one).ShouldBe(PlanWriter.ToJson(other));
    }

    [Fact]
    public void Text_is_utf8_with_line_feeds_and_no_byte_order_mark()
    {
        var text = Encoding.UTF8.GetString(PlanWriter.ToJson(Plan(TaskRun.Item("Größe"))));
        text.ShouldStartWith("{\n");
        text.ShouldEndWith("}\n");
        text.ShouldContain("Größe");
        text.ShouldNotContain("\r");
    }

    private static Plan Plan(params ITaskItem[] stages) => new("/p/x.csproj", "/o/", "/r/", "/s/", "", [], [], stages);
}

internal static class JsonText
{
    public static string ReplaceWhiteSpace(this string json) => string.Concat(json.Where(c => !char.IsWhiteSpace(c)));
}
