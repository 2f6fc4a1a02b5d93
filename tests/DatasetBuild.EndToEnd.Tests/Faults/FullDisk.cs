using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>From one of the engine's writes on there is no room on the disk; or there is none for this one write only.</summary>
internal sealed class FullDisk : Fault
{
    private const int Deeds = 200;
    private const string NoRoom = "No space left on device";

    public override string Name => "disk full at a write";

    public override int Weight => 20;

    public override string Strike(FaultWorld world, Random random, string about) =>
        Strike(world, random.Next(2) == 0 ? "full" : "once", random.Next(1, Deeds), about);

    public static string Strike(FaultWorld world, string how, int number, string about)
    {
        var project = world.Project;
        var before = FaultWorld.Subset(project);
        var stored = StoredScores.In(project.CachePath).Count;
        var trace = Path.Combine(project.Folder, "deeds");
        File.Delete(trace);
        var run = project.Run(FaultLibrary.Variables(project.Folder, how, number, trace: trace));
        var deed = File.Exists(trace) ? File.ReadLines(trace).FirstOrDefault(line => line.StartsWith($"{number} ", StringComparison.Ordinal)) ?? "" : "";
        about = $"{about}, {how} at deed {deed}";
        world.ShouldStandWhole(before, about);
        if (run.ExitCode == 0)
        {
            world.ShouldBeClean(about, run.Text);
            ShouldNotBeSilent(run, StoredScores.In(project.CachePath).Count - stored, how, deed, about);
        }
        else
        {
            run.ExitCode.ShouldBe(1, $"{about}\n{run.Text}");
            var error = run.Reported("error").ShouldHaveSingleItem($"{about}\n{run.Text}");
            error.ShouldContain(NoRoom, Case.Sensitive, about);
            error.ShouldNotContain("DSB9", Case.Sensitive, about);
            var leftovers = project.Leftovers();
            if (!leftovers.Any(file => file.EndsWith("commit.journal", StringComparison.Ordinal)))
            {
                leftovers.ShouldBeEmpty(about);
            }
        }

        world.Heal(about, keepsScores: true);
        return deed.Length == 0 ? KilledEngine.AfterItsEnd : KilledEngine.PlaceOf(deed);
    }

    /// <summary>What could not be kept in the cache is said, but for notes that the next build makes good without anything being lost.</summary>
    private static void ShouldNotBeSilent(EngineOutput run, int gained, string how, string deed, string about)
    {
        if (how == "once" && ((deed.Contains("/log-", StringComparison.Ordinal) && gained == run.Scored) || deed.Contains("/cache/live/", StringComparison.Ordinal)))
        {
            return; // another try has kept the scores, or said that a build is at work
        }

        string[] needRoom = [" create ", " write "];
        string[] notes = ["/identity.txt.", "/generation.txt.", "/limit.stamp"];
        if (needRoom.Any(deed.Contains) && !notes.Any(deed.Contains))
        {
            run.Reported("warning").ShouldContain(warning => warning.Contains(NoRoom), $"{about}\n{run.Text}");
        }
    }
}
