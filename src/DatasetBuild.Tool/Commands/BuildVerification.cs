using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>build --verify-clean</c>: whether a build from nothing gives the same bytes.</summary>
internal static class BuildVerification
{
    /// <exception cref="DatasetException">The clean build failed, or an input changed while it ran.</exception>
    public static CleanComparison Run(DatasetResult result, Screen screen, StopRequest stop)
    {
        if (result.Plan.Length == 0)
        {
            throw new DatasetException(
                ProjectCodes.InvalidPlan, "the engine of this project does not say which plan it built: its DatasetBuild package is older than this tool. Update the package.", result.Project);
        }

        var plan = Plan.Load(result.Plan);

        // A second Ctrl-C must not leave the temporary folder behind; the first one ends the work at once.
        using var patience = stop.KeepAlive();
        var comparison = Watching.Run(screen, (IBuildObserver observer) => CleanBuild.Compare(plan, result.Outputs, result.Reports, observer, stop.Token, Engines.Models));
        if (comparison.First is not { } first)
        {
            return comparison;
        }

        if (Staleness.Of(plan) is { IsCurrent: false } staleness)
        {
            throw new DatasetException(DataCodes.ShardChanged, $"what the build read or wrote changed while it was compared with a clean one ({staleness.Reason}). Build again when whatever writes it is done.", plan.Project);
        }

        screen.Report(new Diagnostic(Severity.Error, ProjectCodes.NotReproduced, Describe(comparison, first), first.Path, first.Line, first.Line > 0 ? 1 : 0));
        return comparison;
    }

    public static void Show(CleanComparison comparison, Screen screen) => screen.Output.Line(comparison.Different == 0
        ? $"verified: a clean build scored {Numbers.Count(comparison.Scored)} and gave the same {Numbers.Counted(comparison.Files, "file")}, {Numbers.Bytes(comparison.Bytes)}, in {Numbers.Duration(comparison.Elapsed.TotalSeconds)}"
        : $"not verified: {Numbers.Count(comparison.Different)} of {Numbers.Counted(comparison.Files, "file")} differ from those of a clean build");

    public static void WriteTo(Utf8JsonWriter json, CleanComparison comparison)
    {
        json.WriteStartObject("clean");
        json.WriteBoolean("same", comparison.Different == 0);
        json.WriteNumber("files", comparison.Files);
        json.WriteNumber("bytes", comparison.Bytes);
        json.WriteNumber("scored", comparison.Scored);
        json.WriteNumber("seconds", Math.Round(comparison.Elapsed.TotalSeconds, 3));
        json.WriteNumber("different", comparison.Different);
        if (comparison.First is { } first)
        {
            json.WriteStartObject("first");
            json.WriteString("file", first.Path);
            json.WriteString("problem", first.Problem);
            json.WriteNumber("offset", first.Offset);
            json.WriteNumber("line", first.Line);
            json.WriteString("key", first.Key?.ToString());
            json.WriteString("cleanKey", first.CleanKey?.ToString());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Describe(CleanComparison comparison, FileDifference first)
    {
        var place = first.Line > 0 ? $" from byte {Numbers.Count(first.Offset)} on" : "";
        var records = (first.Key, first.CleanKey) switch
        {
            ({ } key, { } clean) when key != clean => $" (the record {key} stands where a clean build has {clean})",
            ({ } key, _) => $" (in the record {key})",
            (null, { } clean) => $" (where a clean build has the record {clean})",
            _ => "",
        };
        return $"{first.Problem}{place}{records}; {Numbers.Count(comparison.Different)} of {Numbers.Count(comparison.Files)} files differ. A stored score is wrong, or a scorer does not give the same twice: "
            + "`dotnet dataset cache verify --sample 10000` names such scores, `dotnet dataset build --rescore STAGE` makes them again.";
    }
}
