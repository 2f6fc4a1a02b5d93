using System.Diagnostics;
using System.Globalization;
using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests;

/// <summary>
/// Readers of what somebody else may have written, against inputs that nobody thought of. Short and the same every time, unless the environment asks for a
/// longer run; see README.md.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly string? Seconds = Environment.GetEnvironmentVariable("DATASETBUILD_FUZZ_SECONDS");
    private static readonly string? Only = Environment.GetEnvironmentVariable("DATASETBUILD_FUZZ_TARGET");
    private static readonly string? Keep = Environment.GetEnvironmentVariable("DATASETBUILD_FUZZ_KEEP");
    private static readonly string? Seed = Environment.GetEnvironmentVariable("DATASETBUILD_FUZZ_SEED");

    public static TheoryData<string> Names => [.. AllTargets.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_is_read_the_promises_hold(string name)
    {
        Assert.SkipWhen(Only is not null && Only != name, "another target is asked for");
        using var target = AllTargets.Create(name);
        var isLong = Seconds is not null;
        var fuzzer = new Fuzzer(target, Seed is not null ? int.Parse(Seed, CultureInfo.InvariantCulture) : isLong ? Environment.TickCount : 1);
        var clock = Stopwatch.StartNew();
        var until = isLong ? TimeSpan.FromSeconds(double.Parse(Seconds!, CultureInfo.InvariantCulture)) : default;
        fuzzer.Run(tries => isLong ? clock.Elapsed < until : tries < target.ShortRun);
        fuzzer.KeepLast(Keep is null ? 0 : int.Parse(Keep, CultureInfo.InvariantCulture));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {fuzzer.Tries} tries, {fuzzer.Outcomes} outcomes, {fuzzer.Tries / clock.Elapsed.TotalSeconds:0} a second"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_found_once_is_not_found_again(string name)
    {
        using var target = AllTargets.Create(name);
        foreach (var path in Corpus.Of(name))
        {
            Should.NotThrow(() => Fuzzer.Check(target, File.ReadAllBytes(path)), path);
        }
    }
}
