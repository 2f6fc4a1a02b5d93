using System.ComponentModel;
using DatasetBuild.Reporting;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>Starts the engine: as the program of machine code where there is one that this machine can run, else its assembly in `dotnet`.</summary>
internal sealed class EngineStart(TaskLoggingHelper log, string project, string assembly, string dotNetHost)
{
    private const int NoRight = 13; // EACCES

    /// <exception cref="EngineStartException">There is no `dotnet` either.</exception>
    public EngineExit Run(EngineProcess engine, EngineEvents events, bool mayBeNative) =>
        (mayBeNative && NativeEngine.Beside(assembly) is { } program ? TryRun(program, engine, events) : null) ?? Run(engine, events, dotNetHost, "exec", assembly);

    private EngineExit Run(EngineProcess engine, EngineEvents events, params string[] command)
    {
        log.LogCommandLine(MessageImportance.Low, string.Join(' ', command.Concat(engine.arguments)));
        return engine.Run(command, events.Relay);
    }

    /// <summary>Null: it cannot be started here, of which a message tells. Nothing is lost but time.</summary>
    private EngineExit? TryRun(string program, EngineProcess engine, EngineEvents events)
    {
        var (reason, advice) = ("", "");
        try
        {
            var exit = Run(engine, events, program);
            if (events.HasHeard || !exit.IsOfLoader)
            {
                return exit with { Advice = $"It ran as {program}: if that file may be damaged, restore the package anew; with DatasetNativeEngine=false the same engine runs in `dotnet`." };
            }

            reason = string.Join(' ', exit.LastErrorLines);
        }
        catch (EngineStartException failure)
        {
            reason = failure.InnerException!.Message;
            advice = failure.InnerException is Win32Exception { NativeErrorCode: NoRight } ? " Whoever restored the package can give others the right to execute that file." : "";
        }

        log.LogMessage(
            null, "DSB9004", null, project, 0, 0, 0, 0, MessageImportance.High, "{0}",
            $"the engine cannot be started as a program of machine code ({Visible.Of(reason.TrimEnd('.'))}: {program}) and runs in `dotnet`, which takes a tenth of a second longer.{advice} With DatasetNativeEngine=false nobody tries.");
        return null;
    }
}
