using System.Diagnostics;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>
/// Many faults, one after the other, in blocks: each block is a project of its own that lives through fifty of them, and all its choices come from its seed, so
/// that a block that failed can be repeated alone (but for the moments that the machine chooses).
/// </summary>
/// <param name="engine">The engine's assembly.</param>
/// <param name="seed">The first block's seed; the next has the next one.</param>
internal sealed class FaultCampaign(string engine, int seed)
{
    private const int BlockSize = 50;
    private readonly Lock together = new();
    private readonly SortedDictionary<string, SortedDictionary<string, int>> landed = [];

    /// <summary>What went wrong: the block's seed, the trial, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Trials that came to their end.</summary>
    public int Done { get; private set; }

    /// <summary>Runs so many trials on so many threads, or fewer when it is to stop; says how far it is every few seconds.</summary>
    public void Run(int trials, int threads, Action<string> say, CancellationToken stop = default)
    {
        var clock = Stopwatch.StartNew();
        var nextLine = TimeSpan.FromSeconds(10);
        var blocks = (trials + BlockSize - 1) / BlockSize;
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
        {
            RunBlock(seed + block, Math.Min(BlockSize, trials - (block * BlockSize)), () =>
            {
                Done++;
                if (clock.Elapsed >= nextLine)
                {
                    nextLine = clock.Elapsed + TimeSpan.FromSeconds(10);
                    var left = clock.Elapsed / Done * (trials - Done);
                    say($"{Done} of {trials} faults, {Failures.Count} blocks failed, {left.TotalMinutes:0.0} min left");
                }
            }, () => say($"FAILED {Failures[^1]}\n"), stop);
        });
    }

    /// <summary>How often each fault came, and where.</summary>
    public IEnumerable<string> Table()
    {
        foreach (var (fault, places) in landed)
        {
            yield return $"| {fault} | {places.Values.Sum()} | {string.Join(", ", places.Select(place => $"{place.Key} {place.Value}"))} |";
        }
    }

    private void RunBlock(int blockSeed, int trials, Action onTrial, Action onFailure, CancellationToken stop)
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        var random = new Random(blockSeed);
        using var resident = new ResidentEngine(engine);
        using var killedBuild = new KilledBuild(resident);
        Fault[] faults = [new KilledEngine(), new FullDisk(), new DamagedCache(), new ClockJump(), new ManyBuilds(), killedBuild];
        using var world = new FaultWorld(engine, new Random(random.Next()), resident: resident);
        for (var trial = 1; trial <= trials && !stop.IsCancellationRequested; trial++)
        {
            var fault = Choose(faults, random);
            var about = $"block {blockSeed}, trial {trial}: {fault.Name}";
            try
            {
                world.Stir();
                var place = fault.Strike(world, random, about);
                lock (together)
                {
                    Note(fault.Name, place);
                    onTrial();
                }
            }
#pragma warning disable CA1031 // Whatever goes wrong is this block's failure; the others go on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                lock (together)
                {
                    Failures.Add($"{about}\n{error}");
                    onFailure();
                }

                return;
            }
        }
    }

    private static Fault Choose(Fault[] faults, Random random)
    {
        var ticket = random.Next(faults.Sum(fault => fault.Weight));
        return faults.First(fault => (ticket -= fault.Weight) < 0);
    }

    private void Note(string fault, string place)
    {
        if (!landed.TryGetValue(fault, out var places))
        {
            landed[fault] = places = [];
        }

        places[place] = places.GetValueOrDefault(place) + 1;
    }
}
