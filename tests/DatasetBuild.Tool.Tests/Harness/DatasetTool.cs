using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.Tool.Tests.Harness;

/// <summary>What the tool said, and how it ended.</summary>
internal sealed record ToolOutput(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public ToolOutput ShouldExitWith(int code)
    {
        ExitCode.ShouldBe(code, Output + Error);
        return this;
    }
}

/// <summary>Starts the tool in a process of its own, with its output redirected.</summary>
internal static class DatasetTool
{
    private static readonly Lazy<string> Cache = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("dataset-tool-cache-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder.FullName;
    });

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static ToolOutput Run(params string[] arguments) => RunIn(Path.GetTempPath(), arguments);

    public static ToolOutput RunIn(string folder, string[] arguments, params (string Name, string Value)[] environment) =>
        Start("dotnet", folder, ["exec", PackedFeed.ToolOfTheRun, .. arguments], environment);

    /// <summary>Runs the tool with a text on its standard input.</summary>
    public static ToolOutput RunWithInput(string input, params string[] arguments)
    {
        using var process = Launch("dotnet", Path.GetTempPath(), ["exec", PackedFeed.ToolOfTheRun, .. arguments], input);
        return Finish(process);
    }

    /// <summary>Runs the tool in a pseudo-terminal, where its users see it.</summary>
    public static ToolOutput RunInTerminal(string[] arguments, params (string Name, string Value)[] environment) => RunInTerminal(80, arguments, environment);

    /// <summary>The same in a terminal with so many columns.</summary>
    public static ToolOutput RunInTerminal(int columns, string[] arguments, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "A pseudo-terminal needs script(1).");
        var command = string.Join(' ', ((string[])["dotnet", "exec", PackedFeed.ToolOfTheRun, .. arguments]).Select(word => $"'{word}'"));
        return Start("script", Path.GetTempPath(), ["-qec", $"stty cols {columns} rows 24; {command}", "/dev/null"], [("TERM", "xterm-256color"), .. environment]);
    }

    public static ToolOutput Start(string file, string folder, string[] arguments, params (string Name, string Value)[] environment) => BuildServers.Run(servers =>
    {
        using var process = Launch(file, folder, arguments, "", [.. servers.Select(variable => (variable.Key, variable.Value)), .. environment]);
        return Finish(process);
    });

    /// <summary>Starts the tool and does not wait for it.</summary>
    public static Process Launch(params string[] arguments) => Launch("dotnet", Path.GetTempPath(), ["exec", PackedFeed.ToolOfTheRun, .. arguments], "");

    private static Process Launch(string file, string folder, string[] arguments, string input, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Remove("NO_COLOR");
        DotNet.ExpectShortLife(start.Environment);
        start.Environment["UseSharedCompilation"] = "false"; // a compiler server would outlive the tests
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["XDG_CACHE_HOME"] = Cache.Value; // what the tool remembers of the tests' projects is of no use to the user
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return process;
    }

    public static ToolOutput Finish(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("The tool did not come to an end.");
        }

        return new ToolOutput(process.ExitCode, output.Result, error.Result);
    }
}
