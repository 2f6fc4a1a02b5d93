using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tests.Pipeline;

public sealed class PreviousReportTests
{
    [Fact]
    public void Builds_of_one_project_at_once_keep_a_report_that_is_whole_or_none()
    {
        using var folder = new ScratchFolder();
        string state = folder.At("obj"), report = folder.At("report");
        string[] verdicts = [.. Enumerable.Range(0, 5).Select(i => Path.Combine(report, "verdicts", $"{i}.csv"))];
        Directory.CreateDirectory(state);
        Directory.CreateDirectory(Path.Combine(report, "verdicts"));
        File.WriteAllText(Path.Combine(report, ReportManifest.Name), "{}");

        Parallel.For(0, 8, _ =>
        {
            for (var round = 0; round < 100; round++)
            {
                foreach (var path in verdicts)
                {
                    File.WriteAllText(path, "record");
                }

                var previous = new PreviousReport(state, report);
                previous.Begin(isAsWritten: true);
                Array.ForEach(verdicts, previous.Take);
                previous.Finish();
            }
        });

        var kept = PreviousReport.PathIn(state);
        Directory.GetFileSystemEntries(state).ShouldBeSubsetOf([kept]);
        File.Exists(Path.Combine(kept, ReportManifest.Name)).ShouldBe(Directory.Exists(kept));
    }
}
