using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A shard that does not hold still: the build stops and says which one, the subset stays the one before, and the next build is right.</summary>
public sealed class BadInputChangingShardTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public static TheoryData<string, string> Changes()
    {
        var changes = new TheoryData<string, string>();
        foreach (var step in (string[])["Length", "Write"])
        {
            foreach (var change in (string[])["grows", "shrinks", "is emptied", "is replaced", "is deleted", "becomes a folder"])
            {
                changes.Add(step, change);
            }
        }

        return changes;
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_shard_that_changes_while_it_is_read_stops_the_build(string step, string change)
    {
        var project = Project("clone");
        project.Build();
        var subset = project.Snapshot();
        var path = project.Shard("data/b.jsonl", [.. Enumerable.Range(2000, 900).Select(i => IncrementalTests.Record(i))]);
        var changed = false;

        var error = Should.Throw<DatasetException>(() => project.Build(name =>
        {
            if (name == step && !changed)
            {
                changed = true;
                Change(path, change);
            }
        })).Diagnostic;

        error.Code.ShouldBeOneOf(DataCodes.ShardChanged, DataCodes.UnreadableShard);
        error.File.ShouldBe(path);
        project.Snapshot().ShouldBe(subset, ignoreOrder: true);
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }

        var clean = Project("clean");
        clean.Shard("data/b.jsonl", IncrementalTests.Record(1));
        project.Shard("data/b.jsonl", IncrementalTests.Record(1));
        clean.Build();
        project.Build();
        WarmEqualsCleanTests.Differences(project.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
    }

    [Fact]
    public void An_unreadable_record_that_goes_away_before_it_is_set_aside_stops_the_build()
    {
        var project = Project("clone");
        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        project.Build();
        var subset = project.Snapshot();
        var path = project.Shard("data/b.jsonl", IncrementalTests.Record(1), "oops");

        var error = Should.Throw<DatasetException>(() => project.Build(step =>
        {
            if (step == "Write")
            {
                File.WriteAllText(path, "");
            }
        })).Diagnostic;

        (error.Code, error.File).ShouldBe((DataCodes.ShardChanged, path));
        project.Snapshot().ShouldBe(subset, ignoreOrder: true);
    }

    private static void Change(string path, string change)
    {
        switch (change)
        {
            case "grows":
                File.AppendAllText(path, IncrementalTests.Record(1) + "\n");
                break;
            case "shrinks":
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            case "is emptied":
                File.WriteAllText(path, "");
                break;
            case "is replaced":
                File.WriteAllText(path + ".new", IncrementalTests.Record(1) + "\n");
                File.Move(path + ".new", path, overwrite: true);
                break;
            case "is deleted":
                File.Delete(path);
                break;
            default:
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
        }
    }

    private TestProject Project(string name)
    {
        var project = new TestProject(folder.At(name));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 900).Select(i => IncrementalTests.Record(i))]);
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Keep", "50%"));
        return project;
    }
}
