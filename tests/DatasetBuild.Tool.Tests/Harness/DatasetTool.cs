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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static ToolOutput Run(params string[] arguments) => RunIn(Path.GetTempPath(), arguments);

    public static ToolOutput RunIn(string folder, string[] arguments, params (string Name, string Value)[] environment) =>
        Start("dotnet", folder, ["exec", Built.Engine, .. arguments], environment);

    /// <summary>Runs the tool in a pseudo-terminal, where its users see it.</summary>
    public static ToolOutput RunInTerminal(string[] arguments, params (string Name, string Value)[] environment)
    {
        var command = string.Join(' ', ((string[])["dotnet", "exec", Built.Engine, .. arguments]).Select(word => $"'{word}'"));
        return Start("script", Path.GetTempPath(), ["-qec", "stty cols 80 rows 24; " + command, "/dev/null"], [("TERM", "xterm-256color"), .. environment]);
    }

    public static ToolOutput Start(string file, string folder, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment["UseSharedCompilation"] = "false"; // a compiler server would outlive the tests
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
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
