using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// The plan of the project that a command is about, always as MSBuild evaluates the project now: it is asked, unless all that its last answer followed
/// from is known and unchanged.
/// </summary>
internal static class ProjectPlan
{
    /// <summary>The plan that a question is answered from. Asking leaves the plan that was built as it is.</summary>
    public static Plan Current(ProjectRequest request, Screen screen, StopRequest stop)
    {
        if (request.IsPlan)
        {
            return Plan.Load(request.File);
        }

        var memory = new RememberedPlan(request);
        if (memory.Find() is { } remembered)
        {
            return Plan.Parse(remembered, request.File);
        }

        var path = Write(request, memory.Start(), screen, stop);
        try
        {
            return Plan.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Write(ProjectRequest request, RememberedPlan.Watch watch, Screen screen, StopRequest stop)
    {
        var path = "";
        if (screen.IsLive)
        {
            screen.Error.Status().Start($"Evaluating {Markup.Escape(Path.GetFileName(request.File))}", _ => path = MSBuild.WritePlan(request, watch, screen, stop));
        }
        else
        {
            path = MSBuild.WritePlan(request, watch, screen, stop);
        }

        return path;
    }
}
