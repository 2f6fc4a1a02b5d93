using System.Diagnostics;
using System.Text;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>An engine that builds one plan after the other in a process that stays: of a small build, the start of a process is nearly all. Not for several threads.</summary>
internal sealed class ResidentEngine : IDisposable
{
    private const string Ends = "exit ";
    private static readonly Lock Hosts = new();
    private readonly Process process;

    /// <param name="engine">The engine's assembly; what hosts it is put beside it.</param>
    public ResidentEngine(string engine)
    {
        var folder = Path.GetDirectoryName(engine)!;
        var host = Path.Combine(folder, Path.GetFileName(Built.ResidentEngine));
        lock (Hosts)
        {
            if (!File.Exists(host))
            {
                File.Copy(Built.ResidentEngine, host);
            }
        }

        process = DotNet.Start(folder, ["exec", "--runtimeconfig", Path.ChangeExtension(engine, ".runtimeconfig.json"), host], keepInputOpen: true);
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
    }

    public EngineOutput Build(string planPath)
    {
        process.StandardInput.WriteLine(planPath);
        process.StandardInput.Flush();
        var text = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Ends, StringComparison.Ordinal))
            {
                return EngineOutput.Of(new BuildOutput(int.Parse(line.AsSpan(Ends.Length), provider: null), text.ToString()));
            }

            text.Append(line).Append('\n');
        }

        throw new InvalidOperationException($"The engine died of {planPath}:\n{text}");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
