using System.Collections;
using System.Diagnostics;
using System.Text;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Runs `dotnet` as a user would: with nothing in the environment that a test runner, a CI system or a machine's owner put there.</summary>
internal static class DotNet
{
    private const string CompilerOfTheRun = "SharedCompilationId";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // a machine may have much else to do

    // What a process needs to run at all, what a restore needs to find its packages, and which compiler is the run's own.
    private static readonly string[] Kept =
    [
        "PATH", "HOME", "USER", "TMPDIR", "TMP", "TEMP", "SystemRoot", "ProgramFiles", "LOCALAPPDATA", "APPDATA", "USERPROFILE", "DOTNET_ROOT",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", CompilerOfTheRun,
    ];

    /// <param name="folder">Where it starts.</param>
    /// <param name="arguments">All that follows `dotnet`.</param>
    /// <param name="nodeReuse">Whether MSBuild keeps its processes.</param>
    /// <param name="ownProcessGroup">Whether a signal can be sent to it and all that it starts, as a terminal does.</param>
    /// <param name="variables">What the user has in the environment besides.</param>
    /// <param name="keepInputOpen">Leaves the end of standard input to the caller.</param>
    /// <param name="program">What is started instead of `dotnet`.</param>
    public static Process Start(
        string folder,
        IEnumerable<string> arguments,
        bool nodeReuse = false,
        bool ownProcessGroup = false,
        IReadOnlyDictionary<string, string>? variables = null,
        bool keepInputOpen = false,
        string program = "dotnet")
    {
        var start = new ProcessStartInfo(ownProcessGroup ? "setsid" : program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (ownProcessGroup)
        {
            start.ArgumentList.Add(program);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Neutralise(start.Environment, nodeReuse);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        if (!keepInputOpen)
        {
            process.StandardInput.Close();
        }

        return process;
    }

    public static BuildOutput Run(
        string folder, IEnumerable<string> arguments, bool nodeReuse = false, IReadOnlyDictionary<string, string>? variables = null)
    {
        using var process = Start(folder, arguments, nodeReuse, variables: variables);
        return Finish(process);
    }

    public static BuildOutput Finish(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("`dotnet` did not come to an end.");
        }

        return new BuildOutput(process.ExitCode, text.Result + error.Result);
    }

    /// <summary>What costs a process that runs for a second more than it gives: to profile, to compile twice, to collect garbage beside the work, to map each method's memory twice.</summary>
    public static void ExpectShortLife(IDictionary<string, string?> environment)
    {
        environment["DOTNET_TieredPGO"] = "0";
        environment["DOTNET_TC_CallCountingDelayMs"] = "800"; // hexadecimal: two seconds in which nothing is compiled for the first time
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0";
    }

    private static void Neutralise(IDictionary<string, string?> environment, bool nodeReuse)
    {
        environment.Clear();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (Kept.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("NUGET_", StringComparison.OrdinalIgnoreCase))
            {
                environment[name] = (string?)variable.Value;
            }
        }

        environment["DOTNET_NOLOGO"] = "1";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1";
        environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        environment["DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE"] = "true";
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["MSBUILDTERMINALLOGGER"] = "off";
        ExpectShortLife(environment);

        // A compiler server would outlive the tests, unless whoever started them has one that ends with them.
        environment["UseSharedCompilation"] = Environment.GetEnvironmentVariable(CompilerOfTheRun) is null ? "false" : "true";
        if (nodeReuse)
        {
            // Nodes of their own, which nobody else can use or miss, and which go away soon.
            environment["MSBUILDNODEHANDSHAKESALT"] = Environment.ProcessId.ToString("x", null);
            environment["MSBUILDNODECONNECTIONTIMEOUT"] = "20000";
        }
        else
        {
            environment["MSBUILDDISABLENODEREUSE"] = "1";
        }
    }
}
