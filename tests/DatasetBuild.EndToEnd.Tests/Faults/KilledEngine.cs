using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>The engine dies by SIGKILL before, in the middle of, or right after one of its writes, renames, deletions, flushes …</summary>
internal sealed class KilledEngine : Fault
{
    // A build from nothing has about 180 deeds below its folder, and 45 of them on the commit.
    private const int Deeds = 200;
    private const int CommitDeeds = 48;
    private const int Killed = 128 + 9;
    public const string AfterItsEnd = "after its end";

    private static readonly string[] Moments = ["before", "half", "after"];

    public override string Name => "engine killed at a deed on a file";

    public override int Weight => 40;

    public override string Strike(FaultWorld world, Random random, string about)
    {
        var inCommit = random.Next(3) == 0;
        return Strike(world, Moments[random.Next(Moments.Length)], random.Next(1, inCommit ? CommitDeeds : Deeds), inCommit ? "/out/dataset/" : "", about);
    }

    /// <summary>Returns <see cref="AfterItsEnd"/> where the engine has fewer deeds to do.</summary>
    public static string Strike(FaultWorld world, string moment, int number, string path, string about)
    {
        var project = world.Project;
        var before = FaultWorld.Subset(project);
        var trace = Path.Combine(project.Folder, "deeds");
        File.Delete(trace);
        var run = project.Run(FaultLibrary.Variables(project.Folder, moment, number, path, trace));
        var last = File.Exists(trace) ? File.ReadLines(trace).LastOrDefault("") : ""; // it may die before it has written a line
        about = $"{about}, killed {moment} deed {last}";
        run.ExitCode.ShouldBeOneOf([0, Killed], $"{about}\n{run.Text}");
        world.ShouldStandWhole(before, about);
        world.Heal(about, keepsScores: true);
        return run.ExitCode == 0 ? AfterItsEnd : PlaceOf(last);
    }

    /// <summary>In which of its folders a deed was done.</summary>
    public static string PlaceOf(string deed) =>
        deed.Contains("/.datasetbuild/", StringComparison.Ordinal) || deed.Contains("/out/dataset", StringComparison.Ordinal) ? "commit"
        : deed.Contains("/cache/scores", StringComparison.Ordinal) ? "scores"
        : deed.Contains("/cache/", StringComparison.Ordinal) ? "derived data"
        : deed.Contains("/out/", StringComparison.Ordinal) ? "report"
        : "state";
}
