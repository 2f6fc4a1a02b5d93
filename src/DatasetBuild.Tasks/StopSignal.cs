namespace DatasetBuild.Tasks;

/// <summary>A request to stop that is made once, by any thread, before or after there is something to stop.</summary>
internal sealed class StopSignal
{
    private readonly object gate = new(); // a monitor, not a Lock: it is waited on
    private Action? listener;

    public bool IsRaised { get; private set; }

    public void Raise()
    {
        Action? notify;
        lock (gate)
        {
            if (IsRaised)
            {
                return;
            }

            IsRaised = true;
            notify = listener;
            Monitor.PulseAll(gate);
        }

        notify?.Invoke();
    }

    /// <summary>Runs <paramref name="action"/> when the signal is raised, or at once when it already was.</summary>
    public void OnRaised(Action action)
    {
        lock (gate)
        {
            listener = action;
            if (!IsRaised)
            {
                return;
            }
        }

        action();
    }

    /// <summary>Waits for the signal at most <paramref name="time"/>, and returns whether it was raised.</summary>
    public bool Wait(TimeSpan time)
    {
        lock (gate)
        {
            return IsRaised || (Monitor.Wait(gate, time) && IsRaised);
        }
    }
}
