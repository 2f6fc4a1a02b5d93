namespace DatasetBuild.Reporting;

/// <summary>
/// The copy of the manifest in the report: it says of which subset the verdicts are, so that a report that was taken elsewhere can be compared with another.
/// </summary>
public static class ReportManifest
{
    public const string Name = "manifest.json";
}
