using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>
/// The short run: every step of a commit, and a few dozen faults of all kinds. The long one is a command:
/// <c>dotnet run -c Release --project tests/DatasetBuild.EndToEnd.Tests -- --faults 10000</c>. DATASET_TEST_SEED repeats the choices of a run that failed.
/// </summary>
public sealed class FaultTests(PackedFeed feed, ITestOutputHelper output)
{
    private const int Trials = 50;
    private const string Commit = "/out/dataset/";

    [Fact]
    public void A_kill_at_any_step_of_a_commit_leaves_the_old_subset_or_one_that_the_next_build_finishes()
    {
        FaultLibrary.Need();
        using var resident = new ResidentEngine(feed.Engine);
        using var world = new FaultWorld(feed.Engine, new Random(Seeds.Of(output)), resident: resident);
        world.Project.Run().ShouldSucceed();
        var steps = 0;
        string place;
        do
        {
            steps++;
            world.Project.Forget();
            place = KilledEngine.Strike(world, "before", steps, Commit, $"step {steps}");
        }
        while (place != KilledEngine.AfterItsEnd);

        steps.ShouldBeGreaterThan(20, "a commit creates, writes, flushes and renames more than that");
    }

    [Fact]
    public void A_few_dozen_faults_cost_nothing_but_time()
    {
        FaultLibrary.Need();
        var campaign = new FaultCampaign(feed.Engine, Seeds.Of(output));
        campaign.Run(Trials, threads: 2, output.WriteLine);
        foreach (var row in campaign.Table())
        {
            output.WriteLine(row);
        }

        campaign.Failures.ShouldBeEmpty();
        campaign.Done.ShouldBe(Trials);
    }
}
