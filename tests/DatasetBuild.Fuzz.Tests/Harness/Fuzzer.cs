using System.Globalization;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>
/// Mutates known inputs and tries the results. What takes the place of coverage are the outcomes: an input that ended as none before it joins the known
/// ones. The same seed and count try the same inputs.
/// </summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    // Far above what the slowest try takes on a busy machine: what is still running then would not end.
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);
    private const int MaxKnown = 2000;
    private const int MaxKept = 1500;

    private readonly HashSet<string> outcomes = new(StringComparer.Ordinal);
    private readonly List<byte[]> known = [];
    private byte[] current = [];
    private long tries;

    public long Tries => Interlocked.Read(ref tries);

    public int Outcomes => outcomes.Count;

    /// <summary>Keeps what was found last of all that ended as nothing before it: the inputs that reach furthest.</summary>
    public void KeepLast(int count)
    {
        foreach (var input in known.Where(input => input.Length <= MaxKept).Reverse().Take(count))
        {
            Corpus.Keep(target.Name, input);
        }
    }

    /// <summary>Tries inputs while <paramref name="goOn"/> says so, given the number of tries; what fails is minimised and kept in the corpus.</summary>
    public void Run(Func<long, bool> goOn)
    {
        var work = Task.Factory.StartNew(() => Loop(goOn), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        while (true)
        {
            var before = Tries;
            if (work.Wait(Hang))
            {
                return;
            }

            if (Tries == before)
            {
                throw new FuzzFailure($"{target.Name}: a try does not end; its input is kept as {Corpus.Keep(target.Name, Volatile.Read(ref current))}", null);
            }
        }
    }

    private void Loop(Func<long, bool> goOn)
    {
        foreach (var input in target.Seeds().Concat(Corpus.Of(target.Name).Select(File.ReadAllBytes)))
        {
            Try(input);
            known.Add(input);
        }

        var random = new Random(seed);
        var mutator = new Mutator(random, target.Words);
        var json = new JsonMutator(random);
        while (goOn(Tries))
        {
            var chosen = known[random.Next(known.Count)];
            var input = (target.IsJson && random.Next(2) == 0 ? json.Mutate(chosen) : null) ?? mutator.Mutate(chosen, known[random.Next(known.Count)]);
            input = random.Next(4) == 0 ? input : target.Repair(input);
            if (Try(input) && known.Count < MaxKnown)
            {
                known.Add(input);
            }
        }
    }

    /// <summary>Whether the outcome is a new one.</summary>
    private bool Try(byte[] input)
    {
        Volatile.Write(ref current, input);
        Interlocked.Increment(ref tries);
        try
        {
            return outcomes.Add(Check(target, input));
        }
        catch (Exception error)
        {
            var smallest = Smallest(input, error);
            throw new FuzzFailure(
                string.Create(CultureInfo.InvariantCulture, $"{target.Name}, seed {seed}, try {Tries}: an input of {smallest.Length} bytes, kept as {Corpus.Keep(target.Name, smallest)}: {error.Message}"), error);
        }
    }

    /// <summary>Runs one input and holds what it allocated against what it may.</summary>
    public static string Check(FuzzTarget target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var outcome = target.Run(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= target.MayAllocate(input.Length)
            ? outcome
            : throw new FuzzFailure(string.Create(CultureInfo.InvariantCulture, $"{allocated} bytes were allocated for an input of {input.Length}"), null);
    }

    private byte[] Smallest(byte[] input, Exception error)
    {
        var budget = 300;
        for (var size = input.Length / 2; size > 0 && budget > 0; size /= 2)
        {
            for (var at = 0; at + size <= input.Length && budget > 0; budget--)
            {
                byte[] without = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                without = Fails(without, error) ? without : target.Repair(without);
                if (Fails(without, error) && without.Length < input.Length)
                {
                    input = without;
                }
                else
                {
                    at += size;
                }
            }
        }

        return input;
    }

    private bool Fails(byte[] input, Exception error)
    {
        try
        {
            Check(target, input);
            return false;
        }
        catch (Exception other)
        {
            return other.GetType() == error.GetType() && other.TargetSite == error.TargetSite;
        }
    }
}

/// <summary>A promise of a reader that an input broke.</summary>
internal sealed class FuzzFailure(string message, Exception? inner) : Exception(message, inner);
