using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>Two to eight builds at the same moment over one cache, of one project and of others, while the cache is cleaned and checked; some are killed.</summary>
internal sealed class ManyBuilds : Fault
{
    private const int Others = 2;
    private const int MostBuilds = 8;
    private const int Ok = 0;
    private const int Killed = 128 + 9;

    public override string Name => "2 to 8 builds at once, with gc and verify";

    public override int Weight => 5;

    public override string Strike(FaultWorld world, Random random, string about)
    {
        var others = new List<FaultWorld>();
        try
        {
            for (var i = 0; i < Others; i++)
            {
                others.Add(new FaultWorld(world.Project.Engine, new Random(random.Next()), world.Project.CachePath, world.Project.Resident));
            }

            FaultWorld[] worlds = [world, .. others];
            foreach (var one in worlds)
            {
                one.Project.WritePlan();
            }

            var builds = random.Next(2, MostBuilds + 1);
            var work = new List<Task>();
            for (var i = 0; i < builds; i++)
            {
                var project = worlds[random.Next(worlds.Length)].Project;
                var isKilled = random.Next(6) == 0;
                var faults = isKilled ? FaultLibrary.Variables(project.Folder, "before", random.Next(1, 190)) : null;
                var delay = random.Next(60);
                work.Add(Task.Run(() => Build(project, faults, delay, about)));
            }

            if (random.Next(2) == 0)
            {
                work.Add(Task.Run(() => ShouldPass(world.Project, ["cache", "gc", "--max-size", "0", "--keep-days", "0"], about)));
            }

            if (random.Next(4) == 0)
            {
                work.Add(Task.Run(() => ShouldPass(world.Project, ["cache", "verify"], about)));
            }

            Task.WhenAll(work).GetAwaiter().GetResult();
            foreach (var one in worlds)
            {
                one.Heal(about, keepsScores: true);
            }

            return builds.ToString(CultureInfo.InvariantCulture);
        }
        finally
        {
            others.ForEach(other => other.Dispose());
        }
    }

    private static void Build(EngineProject project, Dictionary<string, string>? faults, int delay, string about)
    {
        Thread.Sleep(delay);
        using var process = project.StartOnPlan(faults);
        var run = EngineOutput.Of(DotNet.Finish(process));
        run.ExitCode.ShouldBeOneOf(faults is null ? [Ok] : [Ok, Killed], $"{about}\n{run.Text}");
        run.Reported("error").ShouldBeEmpty(about);
        if (faults is null)
        {
            run.Reported("warning").ShouldBeEmpty(about);
        }
    }

    private static void ShouldPass(EngineProject project, string[] arguments, string about)
    {
        var run = DotNet.Run(project.Folder, ["exec", project.Engine, .. arguments, "--cache", project.CachePath]);
        run.ExitCode.ShouldBe(Ok, $"{about}\n{run.Text}");
    }
}
