using System.Runtime.InteropServices;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// The user's wish to stop, by Ctrl-C or by the signal of a scheduler. The first asks for an orderly end, in which nothing that is done gets lost; the
/// second ends whatever still runs.
/// </summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] signals;
    private volatile bool urgent;
    private volatile int holders;

    public StopRequest() =>
        signals = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP]).Select(signal => PosixSignalRegistration.Create(signal, Raise))];

    public CancellationToken Token => source.Token;

    public bool IsUrgent => urgent;

    /// <summary>While this is held, a second signal leaves the process alive: it has another one to end first.</summary>
    public IDisposable KeepAlive()
    {
        Interlocked.Increment(ref holders);
        return new Release(this);
    }

    public void Dispose()
    {
        Array.ForEach(signals, signal => signal.Dispose());
        source.Dispose();
    }

    private void Raise(PosixSignalContext signal)
    {
        urgent = source.IsCancellationRequested;
        signal.Cancel = !urgent || holders > 0;
        source.Cancel();
    }

    private sealed class Release(StopRequest owner) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref owner.holders);
    }
}
