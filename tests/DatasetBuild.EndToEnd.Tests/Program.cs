using System.Globalization;
using System.Runtime.InteropServices;
using DatasetBuild.EndToEnd.Tests.Faults;
using DatasetBuild.EndToEnd.Tests.Harness;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace DatasetBuild.EndToEnd.Tests;

/// <summary>The tests; or, with `--faults COUNT [--seed SEED] [--engine ASSEMBLY]`, only as many faults as one asks for, in that engine or in one packed for it.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        ["--faults", var count, .. var options] => Task.FromResult(RunFaults(Number(count), Option(options, "--seed"), Option(options, "--engine"))),
        _ when arguments.Any(argument => argument is "-automated" or "@@") => ConsoleRunner.Run(arguments),
        _ => TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };

    private static int RunFaults(int count, string? givenSeed, string? engine)
    {
        if (FaultLibrary.WhyMissing is { } why)
        {
            Console.Error.WriteLine(why);
            return 1;
        }

        var seed = givenSeed is null ? Random.Shared.Next(1_000_000_000) : Number(givenSeed);
        using var feed = new PackedFeed();
        var campaign = new FaultCampaign(engine ?? feed.Engine, seed);
        Console.WriteLine($"{count} faults from seed {seed}");
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop); // a shell has the jobs behind its back ignore the other one
        campaign.Run(count, 2 * Environment.ProcessorCount, Console.WriteLine, stop.Token);
        Console.WriteLine("| fault | times | where |\n|---|---|---|");
        foreach (var row in campaign.Table())
        {
            Console.WriteLine(row);
        }

        Console.WriteLine($"{campaign.Done} faults survived, {campaign.Failures.Count} blocks failed");
        return campaign.Failures.Count == 0 ? 0 : 1;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // the trials at work come to their end, and the table is shown
            stop.Cancel();
        }
    }

    private static string? Option(string[] options, string name) => Array.IndexOf(options, name) is var at and >= 0 && at + 1 < options.Length ? options[at + 1] : null;

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
