using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>The clock jumps while the engine runs, and has jumped back when the next one does.</summary>
internal sealed class ClockJump : Fault
{
    private const int Deeds = 180;
    private const long Hour = 3600;
    private static readonly long[] Jumps = [-30 * 8766 * Hour, -400 * 24 * Hour, -25 * Hour, -Hour, -2, 2, Hour, 25 * Hour, 400 * 24 * Hour, 30 * 8766 * Hour];

    public override string Name => "clock jumps";

    public override int Weight => 10;

    public override string Strike(FaultWorld world, Random random, string about)
    {
        var seconds = Jumps[random.Next(Jumps.Length)];
        var number = random.Next(0, Deeds);
        about = $"{about}, the clock jumps by {seconds} s at deed {number}";
        var run = world.Project.Run(FaultLibrary.Variables(world.Project.Folder, "clock", number, seconds: seconds)).ShouldSucceed(about);
        run.Reported("warning").ShouldBeEmpty(about);
        world.ShouldBeClean(about, run.Text);
        if (random.Next(2) == 0)
        {
            world.Edit();
        }

        world.Heal(about, keepsScores: true);
        return seconds < 0 ? "back" : "forward";
    }
}
