using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>Hears what a build does. Calls may come from any thread, one at a time.</summary>
public interface IBuildObserver
{
    void Report(Diagnostic diagnostic);

    /// <summary>Some of a long step is done.</summary>
    /// <param name="step">Compare, Index, a stage's name, or Write.</param>
    /// <param name="done">Records done so far; of Compare files.</param>
    /// <param name="total">Records in all, of Index an estimate, of Compare files; 0 where that is not known yet.</param>
    /// <param name="cached">How many of the done ones came from the cache.</param>
    /// <param name="tokens">How many tokens a language model was fed for the others; 0 where none is at work.</param>
    void Progress(string step, long done, long total, long cached, long tokens = 0);

    void StageDone(StageSummary stage);
}
