using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>What one process cost: CPU and wall seconds, and the most memory it held (bytes).</summary>
internal sealed record Cost(double Cpu, double Wall, long PeakBytes);

/// <summary>
/// Measures whole processes by the operating system's account of them. Each is started by a small process of its own, whose only child it is, so
/// that the account of "all children" is the account of this one.
/// </summary>
internal static partial class Measurement
{
    /// <param name="folder">Where the process starts.</param>
    /// <param name="variables">What it finds in the environment besides what this process does.</param>
    /// <param name="command">The program and its arguments.</param>
    public static Cost Run(string folder, IReadOnlyDictionary<string, string> variables, params string[] command)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(Measurement).Assembly.Location);
        }

        start.ArgumentList.Add("measure");
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} failed:\n{output}");
        }

        using var json = JsonDocument.Parse(output[output.LastIndexOf('{')..]);
        return new Cost(
            json.RootElement.GetProperty("cpu").GetDouble(),
            json.RootElement.GetProperty("wall").GetDouble(),
            json.RootElement.GetProperty("peak").GetInt64());
    }

    /// <summary>Runs one command as the only child and prints its cost as the last line.</summary>
    public static int RunChild(string[] command)
    {
        // Standard input stays open: the engine stops when it ends.
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var wall = clock.Elapsed.TotalSeconds;
        if (process.ExitCode != 0 || GetRusage(-1, out var usage) != 0)
        {
            Console.WriteLine(output);
            return 1;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"cpu\":{usage.User.Seconds + usage.System.Seconds},\"wall\":{wall},\"peak\":{usage.MaxRssKilobytes * 1024}}}"));
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetRusage(int who, out Usage usage);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeValue
    {
        private readonly long seconds;
        private readonly long microseconds;

        public double Seconds => seconds + (microseconds / 1e6);
    }

    /// <summary>struct rusage of Linux on 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private readonly struct Usage
    {
        public readonly TimeValue User;
        public readonly TimeValue System;
        public readonly long MaxRssKilobytes;
    }
}
