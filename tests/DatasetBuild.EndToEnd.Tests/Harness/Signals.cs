using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

internal static class Signals
{
    /// <summary>Sends a signal, by its name without SIG, to a process; or to its whole group, as a terminal does, where the number is negative.</summary>
    public static void Send(string name, int receiver)
    {
        using var kill = Process.Start("kill", ["-" + name, "--", receiver.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
    }

    /// <summary>Whether a process stands still.</summary>
    public static bool IsPaused(int process) => Stat(process) is ["T", ..];

    /// <summary>The process group of a process; 0 when it has ended.</summary>
    public static int GroupOf(int process) => Stat(process) is [not "Z", _, var group, ..] ? int.Parse(group, CultureInfo.InvariantCulture) : 0;

    /// <summary>The arguments of a process, each ended by NUL; empty when it has ended.</summary>
    public static string CommandLineOf(int process) => Told(process, "cmdline");

    /// <summary>The environment that a process started with, each variable ended by NUL; empty when it has ended or is somebody else's.</summary>
    public static string EnvironmentOf(int process) => Told(process, "environ");

    /// <summary>Waits until a process stands still.</summary>
    public static async Task Paused(int process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!IsPaused(process))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Waits until a process is no more.</summary>
    public static async Task Gone(int process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Directory.Exists($"/proc/{process}"))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    private static string Told(int process, string what)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{what}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>State, parent, group and so on, as the system tells them; none when the process has ended.</summary>
    private static string[] Stat(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return [];
        }
    }
}
