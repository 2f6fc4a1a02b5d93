using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// MSBuild's own servers, one for each build that runs at the same time: a build takes a third of what it takes a process that compiles all of MSBuild anew, and
/// what one build leaves in a process meets the next, as it does in an editor. They belong to this run alone, and end with it.
/// </summary>
internal static class BuildServers
{
    private const string SaltName = "MSBUILDNODEHANDSHAKESALT";

    private static readonly ConcurrentStack<int> Idle = [];
    private static int started;

    static BuildServers() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();

    /// <summary>Runs what starts builds, with the variables that lead these to a server that nobody else uses meanwhile.</summary>
    public static T Run<T>(Func<IReadOnlyDictionary<string, string>, T> run)
    {
        if (!Idle.TryPop(out var server))
        {
            server = Interlocked.Increment(ref started);
        }

        try
        {
            return run(Variables(server));
        }
        finally
        {
            Idle.Push(server);
        }
    }

    /// <summary>
    /// Runs `dotnet` in a folder. On a busy machine the client of a server can lose how a build ended and the last lines that it said, and then ends with 1 itself
    /// (dotnet/msbuild#14172, mended in 18.9): a log that the server writes tells whether that is what happened.
    /// </summary>
    public static BuildOutput Build(string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables)
    {
        var log = Path.GetTempFileName();
        try
        {
            var verbosity = arguments.FirstOrDefault(argument => argument.StartsWith("-verbosity:", StringComparison.Ordinal))?["-verbosity:".Length..] ?? "minimal";
            string[] logging = arguments[0] is "build" or "clean" or "msbuild" or "pack" ? [$"-fileLoggerParameters9:LogFile={log};Verbosity={verbosity};Summary"] : [];
            var output = Run(server => DotNet.Run(folder, [.. arguments, .. logging], variables: new Dictionary<string, string>([.. server, .. variables])));
            var logged = File.ReadAllText(log);

            // What is asked for by -get… stands on the console alone.
            return output.ExitCode != 1 || !logged.Contains("uild succeeded.", StringComparison.Ordinal) ? output
                : new BuildOutput(0, arguments.Any(argument => argument.StartsWith("-get", StringComparison.Ordinal)) ? output.Text : logged);
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static string Salt(int server) => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{server}");

    private static Dictionary<string, string> Variables(int server) => new()
    {
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "1",
        ["MSBUILDDISABLENODEREUSE"] = "", // without processes that stay there is no server
        [SaltName] = Salt(server),
        ["MSBUILDNODECONNECTIONTIMEOUT"] = "60000", // idle for so many milliseconds, it ends by itself
    };

    private static void Stop()
    {
        for (var server = 1; server <= started; server++)
        {
            DotNet.Run(Path.GetTempPath(), ["build-server", "shutdown", "--msbuild"], variables: Variables(server));

            // The processes that the server started for a second project at the same time are not found that way, and stay.
            foreach (var process in Process.GetProcesses().Where(process => Signals.EnvironmentOf(process.Id).Contains($"{SaltName}={Salt(server)}\0", StringComparison.Ordinal)))
            {
                process.Kill();
            }
        }
    }
}
