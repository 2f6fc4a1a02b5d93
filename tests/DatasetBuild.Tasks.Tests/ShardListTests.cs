using System.Text.Json;

namespace DatasetBuild.Tasks.Tests;

public sealed class ShardListTests
{
    [Fact]
    public void A_shard_that_is_reached_twice_counts_once()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Task.Shards = [TaskRun.Item("data/a.jsonl"), TaskRun.Item("data/b.jsonl"), TaskRun.Item("data/../data/a.jsonl"), TaskRun.Item(Path.Combine(run.Folder, "data/a.jsonl"))];
        run.Execute().ShouldBeTrue();
        Paths(run).ShouldBe([Path.Combine(run.Folder, "data/a.jsonl"), Path.Combine(run.Folder, "data/b.jsonl")]);
    }

    [Fact]
    public void What_two_items_say_of_one_shard_adds_up()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Task.Shards = [TaskRun.Item("a.jsonl", ("Priority", "1")), TaskRun.Item("a.jsonl", ("Dialect", "Alpaca"), ("Priority", "1"))];
        run.Execute().ShouldBeTrue();
        File.ReadAllText(run.Task.PlanFile).ReplaceWhiteSpace().ShouldContain("""{"Dialect":"Alpaca","Priority":"1"}""");
    }

    [Fact]
    public void Two_items_that_contradict_each_other_are_an_error()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Task.Shards = [TaskRun.Item("a.jsonl", ("Dialect", "ShareGpt")), TaskRun.Item("a.jsonl", ("Dialect", "Alpaca"))];
        run.Execute().ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("DSB2006");
        error.Message!.ShouldContain("Alpaca");
        error.Message!.ShouldContain("ShareGpt");
    }

    private static string[] Paths(TaskRun run)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(run.Task.PlanFile));
        return [.. json.RootElement.GetProperty("shards").EnumerateArray().Select(shard => shard.GetProperty("path").GetString()!)];
    }
}
