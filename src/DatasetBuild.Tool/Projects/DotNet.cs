using System.Diagnostics;
using System.Runtime.InteropServices;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Projects;

/// <summary>One run of `dotnet`, which gets the time to stop in order when the user wants to stop, and is ended when he insists.</summary>
internal static class DotNet
{
    // The engine may take ten seconds to save what it has scored.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PipesMayOutliveIt = TimeSpan.FromSeconds(2);

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">What follows `dotnet`.</param>
    /// <param name="variables">Variables of its environment besides ours.</param>
    /// <param name="stop">The user's wish to stop.</param>
    /// <returns>How it ended, and all that it said.</returns>
    public static (int Exit, string Text) Run(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> variables, StopRequest stop)
    {
        var start = new ProcessStartInfo(Host(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

        // Both would end up in what the user has to read when something fails.
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new UsageException("`dotnet` cannot be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using (stop.KeepAlive())
        {
            WaitFor(process, stop);
        }

        // A process that MSBuild leaves behind for the next build may hold them open.
        Task.WaitAll([output, error], PipesMayOutliveIt);
        return (process.ExitCode, Text(output) + Text(error));
    }

    private static void WaitFor(Process process, StopRequest stop)
    {
        var stopping = new Stopwatch();
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(100)))
        {
            if (stop.IsUrgent || stopping.Elapsed > TimeToStop)
            {
                process.Kill(entireProcessTree: true);
            }
            else if (stop.Token.IsCancellationRequested && !stopping.IsRunning)
            {
                stopping.Start();
                Interrupt(process);
            }
        }
    }

    /// <summary>A terminal interrupts all of its processes; a signal that only this one got has to be handed on. Twice is as good as once.</summary>
    private static void Interrupt(Process process)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = kill(process.Id, 2);
        }
    }

    private static string Text(Task<string> reading) => reading.IsCompletedSuccessfully ? reading.Result : "";

    /// <summary>The <c>dotnet</c> that runs the tool, so that both see the same SDKs.</summary>
    private static string Host()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } declared)
        {
            return declared;
        }

        return Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
    }

#pragma warning disable SYSLIB1054, IDE1006 // the name is libc's, and numbers need no marshalling
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
#pragma warning restore SYSLIB1054, IDE1006
}
