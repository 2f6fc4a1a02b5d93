using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// The plan of the project that a command is about, always as MSBuild evaluates the project now: it is asked, unless all that its last answer followed
/// from is known and unchanged.
/// </summary>
internal static class ProjectPlan
{
    /// <summary>
    /// The plan that a question is answered from. Asking leaves the plan that was built as it is, and builds nothing: where a dataset that is taken in is
    /// stale, the answer holds for what that one was built to last, and a line says so.
    /// </summary>
    public static Plan Current(ProjectRequest request, Screen screen, StopRequest stop)
    {
        var plan = Current(request, screen, stop, out var staleReferences);
        foreach (var reference in staleReferences)
        {
            screen.Say($"{Visible.Of(Paths.Short(reference))} is stale, and taken for what it was built to last.");
        }

        return plan;
    }

    /// <summary>The same for those who tell themselves which references are stale.</summary>
    public static Plan Current(ProjectRequest request, Screen screen, StopRequest stop, out IReadOnlyList<string> staleReferences)
    {
        staleReferences = [];
        if (request.IsPlan)
        {
            return Plan.Load(request.File);
        }

        var memory = new RememberedPlan(request);
        if (memory.Find() is { } remembered)
        {
            return Plan.Parse(remembered, request.File);
        }

        var written = Write(request, memory.Start(), screen, stop);
        try
        {
            staleReferences = written.StaleReferences;
            return Plan.Load(written.Path);
        }
        finally
        {
            File.Delete(written.Path);
        }
    }

    private static WrittenPlan Write(ProjectRequest request, RememberedPlan.Watch watch, Screen screen, StopRequest stop)
    {
        return screen.IsLive
            ? screen.Error.Status().Start($"Evaluating {Markup.Escape(Path.GetFileName(request.File))}", _ => MSBuild.WritePlan(request, watch, screen, stop))
            : MSBuild.WritePlan(request, watch, screen, stop);
    }
}
