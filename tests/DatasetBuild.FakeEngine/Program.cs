using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

// Started like the engine: engine PLAN. It plays the script that lies beside the plan, one command a line.
var script = File.ReadAllLines(args[1] + ".script");
var log = args[1] + ".log";

// A terminal's Ctrl-C reaches the whole process group; the engine waits for the end of its input instead.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);

File.WriteAllLines(log, [$"directory {Environment.CurrentDirectory}", $"pid {Environment.ProcessId}", "ready"]);
foreach (var line in script)
{
    var (command, rest) = line.Split(' ', 2) switch { [var first, var second] => (first, second), var one => (one[0], "") };
    switch (command)
    {
        case "out":
            Console.Out.WriteLine(rest);
            break;
        case "err":
            Console.Error.WriteLine(rest);
            break;
        case "sleep":
            Thread.Sleep(int.Parse(rest, CultureInfo.InvariantCulture));
            break;
        case "flood":
            for (var i = 0; i < int.Parse(rest, CultureInfo.InvariantCulture); i++)
            {
                Console.Error.WriteLine($"error line {i}");
            }

            break;
        case "wait-for-end-of-input":
            while (Console.In.ReadLine() is not null)
            {
            }

            File.AppendAllLines(log, ["input ended"]);
            break;
        case "leave-child":
            // It inherits standard output and outlives the engine.
            using (Process.Start(new ProcessStartInfo("sleep", rest) { UseShellExecute = false }))
            {
            }

            break;
        case "crash":
            Environment.FailFast(rest);
            break;
        case "exit":
            return int.Parse(rest, CultureInfo.InvariantCulture);
        default:
            throw new InvalidOperationException($"unknown command '{line}'");
    }
}

return 0;
