using System.Reflection;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks.Tests;

/// <summary>One run of the task in a folder of its own, against an engine that plays <see cref="Script"/>.</summary>
internal sealed class TaskRun : IDisposable
{
    private static readonly string FakeEngine = typeof(TaskRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "FakeEngine").Value!;

    public const string Result =
        """out {"event":"result","upToDate":false,"kept":2,"records":3,"outputs":["/out/a.jsonl"],"reports":["/report/r.html"],"manifest":"/out/m.json"}""";

    public TaskRun(params string[] script)
    {
        Folder = Directory.CreateTempSubdirectory("dataset-task-").FullName;
        Script = script;
        Task = new RunDatasetEngine
        {
            BuildEngine = Build,
            EngineAssembly = FakeEngine,
            DotNetHost = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "",
            ProjectFile = Path.Combine(Folder, "sample.csproj"),
            PlanFile = Path.Combine(Folder, "obj", "plan.json"),
            OutputPath = Path.Combine(Folder, "out") + Path.DirectorySeparatorChar,
            ReportPath = Path.Combine(Folder, "report") + Path.DirectorySeparatorChar,
            StatePath = Path.Combine(Folder, "obj") + Path.DirectorySeparatorChar,
        };
    }

    public string Folder { get; }

    public IReadOnlyList<string> Script { get; }

    public RunDatasetEngine Task { get; }

    public RecordingBuildEngine Build { get; } = new();

    public string[] EngineLog => File.ReadAllLines(LogFile);

    private string LogFile => Task.PlanFile + ".log";

    public bool Execute()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Task.PlanFile)!);
        File.WriteAllLines(Task.PlanFile + ".script", Script);
        return Task.Execute();
    }

    /// <summary>Runs the task on another thread and returns once the engine plays its script.</summary>
    public async Task<Task<bool>> StartAsync()
    {
        var run = System.Threading.Tasks.Task.Run(Execute);
        while (!File.Exists(LogFile) && !run.IsCompleted)
        {
            await System.Threading.Tasks.Task.Delay(20);
        }

        return run;
    }

    public static ITaskItem Item(string include, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(include);
        foreach (var (name, value) in metadata)
        {
            item.SetMetadata(name, value);
        }

        return item;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
