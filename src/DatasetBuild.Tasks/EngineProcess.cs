using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace DatasetBuild.Tasks;

/// <summary>
/// One run of the engine. A build's standard input is never written to: it stays open as long as this build lives, and its end tells the
/// engine to save what is done and stop. So a cancelled build loses no score, and a killed build leaves no orphan that goes on for
/// hours and then writes an output nobody waits for. (MSBuild's own Exec and ToolTask kill at once, and leave such orphans.)
/// </summary>
internal sealed record EngineProcess(IReadOnlyList<string> arguments, string workingDirectory, StopSignal stop, TimeSpan patience)
{
    private const int KeptErrorLines = 20;

    /// <summary>What a question is about: given to the engine as its whole input.</summary>
    public byte[]? Input { get; init; }

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipesMayOutliveTheEngine = TimeSpan.FromSeconds(2);

    /// <summary>Starts the engine and hands each line of its standard output to <paramref name="relay"/>, on the calling thread.</summary>
    /// <param name="command">The program, and what comes before the engine's own arguments.</param>
    /// <param name="relay">Hears the lines.</param>
    public EngineExit Run(IReadOnlyList<string> command, Action<string> relay)
    {
        using var process = Start(command);
        using var lines = new BlockingCollection<string>();
        var errors = new Queue<string>();
        var output = ReadInBackground(process.StandardOutput, lines.Add, lines.CompleteAdding);
        var error = ReadInBackground(process.StandardError, line => Keep(errors, line), () => { });
        stop.OnRaised(() => CloseInput(process));
        try
        {
            GiveInput(process);
            RelayUntilExit(process, lines, relay);
            error.Join(PipesMayOutliveTheEngine);
            lock (errors)
            {
                return new EngineExit(process.ExitCode, [.. errors]);
            }
        }
        finally
        {
            stop.OnRaised(() => { });
            Kill(process); // only when relaying failed: otherwise it has exited
            output.Join(PipesMayOutliveTheEngine);
        }
    }

    private Process Start(IReadOnlyList<string> command)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(command[0], command.Skip(1).Concat(arguments))
        {
            WorkingDirectory = workingDirectory,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new EngineStartException(
                $"The dataset engine could not be started with '{command[0]}': {failure.Message}. Check that DOTNET_HOST_PATH or PATH names a .NET 10 host.", failure);
        }
    }

    private void RelayUntilExit(Process process, BlockingCollection<string> lines, Action<string> relay)
    {
        long? killAt = null;
        long? leaveAt = null;
        while (true)
        {
            if (lines.TryTake(out var line, Tick))
            {
                relay(line);
                continue;
            }

            // After the end of the pipe, TryTake no longer waits: wait for the process instead.
            var exited = lines.IsCompleted ? process.WaitForExit(Tick) : process.HasExited;
            var now = Environment.TickCount64;
            if (exited)
            {
                // Something that the engine started may hold the pipe open: do not wait for it for ever.
                leaveAt ??= now + (long)PipesMayOutliveTheEngine.TotalMilliseconds;
                if (lines.IsCompleted || now >= leaveAt)
                {
                    return;
                }
            }
            else if (stop.IsRaised)
            {
                killAt ??= now + (long)patience.TotalMilliseconds;
                if (now >= killAt)
                {
                    Kill(process);
                }
            }
        }
    }

    private static Thread ReadInBackground(StreamReader reader, Action<string> take, Action finished)
    {
        var thread = new Thread(() =>
        {
            try
            {
                while (reader.ReadLine() is { } line)
                {
                    take(line);
                }
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The pipe went away with the process: what was read is all there is.
            }

            try
            {
                finished();
            }
            catch (ObjectDisposedException)
            {
                // The run was given up before the pipe ended.
            }
        })
        { IsBackground = true, Name = "dataset engine" };
        thread.Start();
        return thread;
    }

    private static void Keep(Queue<string> errors, string line)
    {
        lock (errors)
        {
            errors.Enqueue(line);
            while (errors.Count > KeptErrorLines)
            {
                errors.Dequeue();
            }
        }
    }

    private void GiveInput(Process process)
    {
        if (Input is null)
        {
            return;
        }

        try
        {
            process.StandardInput.BaseStream.Write(Input);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The engine ended before it read all, and says why by its exit.
        }

        CloseInput(process);
    }

    private static void CloseInput(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The engine is gone already, which is all that was wanted.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended between the question and the answer.
        }
    }
}
