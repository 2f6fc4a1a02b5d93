using System.Diagnostics;
using System.Text.Json.Nodes;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>What the comparison of a build with a clean one came to.</summary>
/// <param name="Files">How many files of subset and report were compared.</param>
/// <param name="Bytes">Their bytes in the build.</param>
/// <param name="Scored">How many keys the clean build scored.</param>
/// <param name="Elapsed">How long the clean build and the comparison took.</param>
/// <param name="Different">How many of the files differ.</param>
/// <param name="First">The first of them, or null where all are the same.</param>
public sealed record CleanComparison(int Files, long Bytes, long Scored, TimeSpan Elapsed, int Different, FileDifference? First);

/// <summary>
/// Proves a build: makes the same plan once more from nothing, with a cache, state and outputs of its own in a private folder, and compares every byte. The
/// folder is gone when this returns, however it does; that of a killed process goes with the next build.
/// </summary>
public static class CleanBuild
{
    /// <param name="plan">What was built.</param>
    /// <param name="outputs">The full paths of its subset's files.</param>
    /// <param name="reports">Those of its report's.</param>
    /// <param name="observer">Hears how far it is; what the build warned of is not said again.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <param name="models">Opens language models.</param>
    /// <exception cref="DatasetException">The clean build failed.</exception>
    /// <exception cref="BuildFailedException">The same, already reported.</exception>
    public static CleanComparison Compare(Plan plan, IEnumerable<string> outputs, IEnumerable<string> reports, IBuildObserver observer, CancellationToken cancel, ILanguageModelLoader? models = null)
    {
        var clock = Stopwatch.StartNew();
        StrayTemporaries.Remove(plan.StatePath);
        var root = CacheFiles.TemporaryBeside(Path.Combine(plan.StatePath, "clean"));
        try
        {
            CacheFiles.CreatePrivateFolder(root);
            var clean = Elsewhere(plan, root);
            var result = DatasetBuilder.Build(clean, new Quiet(observer), cancel, models: models);
            List<FilePair> pairs =
            [
                .. FilePair.Of(plan.OutputPath, outputs, clean.OutputPath, result.Outputs),
                .. FilePair.Of(plan.ReportPath, reports, clean.ReportPath, result.Reports),
            ];
            var differences = new List<FileDifference>();
            long bytes = 0;
            foreach (var (number, pair) in pairs.Index())
            {
                cancel.ThrowIfCancellationRequested();
                observer.Progress("Compare", number, pairs.Count, 0);
                bytes += pair.Bytes;
                if (pair.Compare(plan) is { } difference)
                {
                    differences.Add(difference);
                }
            }

            return new CleanComparison(pairs.Count, bytes, result.Stages.Sum(stage => (long)stage.Scored), clock.Elapsed, differences.Count, differences.FirstOrDefault());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                ProjectCodes.CannotWrite, $"the clean build cannot be written or compared: {error.Message} It needs as much room as subset, report and cache together.", plan.Project, inner: error);
        }
        finally
        {
            Remove(root);
        }
    }

    private static Plan Elsewhere(Plan plan, string root)
    {
        var json = JsonNode.Parse(plan.Json.Span)!.AsObject();
        foreach (var (member, folder) in (IEnumerable<(string, string)>)[("outputPath", "out"), ("reportPath", "report"), ("statePath", "state"), ("cachePath", "cache")])
        {
            json[member] = Path.Combine(root, folder) + Path.DirectorySeparatorChar;
        }

        return Plan.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), plan.Project);
    }

    private static void Remove(string root)
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It could not even be made.
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // What is left goes with the next build.
        }
    }

    private sealed class Quiet(IBuildObserver observer) : IBuildObserver
    {
        public void Report(Diagnostic diagnostic)
        {
            if (diagnostic.Severity == Severity.Error)
            {
                observer.Report(diagnostic);
            }
        }

        public void Progress(string step, long done, long total, long cached, long tokens = 0) => observer.Progress($"{step} (clean)", done, total, cached, tokens);

        public void StageDone(StageSummary stage)
        {
        }
    }
}
