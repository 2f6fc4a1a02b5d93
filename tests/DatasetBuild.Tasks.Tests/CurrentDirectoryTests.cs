namespace DatasetBuild.Tasks.Tests;

/// <summary>In a multi-threaded build the current directory belongs to nobody: a decoy stands in for another project's.</summary>
[Collection(nameof(CurrentDirectoryTests))]
public sealed class CurrentDirectoryTests
{
    [Fact]
    public void Relative_paths_mean_the_projects_folder_and_never_the_current_directory()
    {
        var before = Environment.CurrentDirectory;
        var decoy = Directory.CreateTempSubdirectory("decoy-").FullName;
        try
        {
            Environment.CurrentDirectory = decoy;
            using var run = new TaskRun(TaskRun.Result);
            run.Task.Shards = [TaskRun.Item("data/a.jsonl")];
            run.Execute().ShouldBeTrue();
            File.ReadAllText(run.Task.PlanFile).ShouldContain(Path.Combine(run.Folder, "data/a.jsonl"));
            run.EngineLog.ShouldContain("directory " + run.Folder);
            Directory.EnumerateFileSystemEntries(decoy).ShouldBeEmpty();
            Environment.CurrentDirectory.ShouldBe(decoy);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(decoy, recursive: true);
        }
    }
}

[CollectionDefinition(nameof(CurrentDirectoryTests), DisableParallelization = true)]
public sealed class CurrentDirectoryCollection;
