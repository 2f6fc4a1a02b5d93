using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Projects;

/// <summary>The plan of the project that a command is about.</summary>
internal static class ProjectPlan
{
    /// <summary>The written plan where it is known to be right, which is fast; otherwise one that MSBuild writes.</summary>
    public static Plan Current(ProjectRequest request, Screen screen, CancellationToken cancel) => Plan.Load(CurrentPath(request, screen, cancel));

    /// <summary>The path of a plan that MSBuild has just written.</summary>
    public static string Write(ProjectRequest request, Screen screen, CancellationToken cancel)
    {
        if (request.IsPlan)
        {
            return request.File;
        }

        if (!screen.IsLive)
        {
            return MSBuild.WritePlan(request, screen, cancel);
        }

        var path = "";
        screen.Error.Status().Start($"Evaluating {Markup.Escape(Path.GetFileName(request.File))}", _ => path = MSBuild.WritePlan(request, screen, cancel));
        return path;
    }

    private static string CurrentPath(ProjectRequest request, Screen screen, CancellationToken cancel)
    {
        if (request.IsPlan)
        {
            return request.File;
        }

        // Properties of the command line stand in no file whose time could be looked at.
        if (request.Properties.Count == 0 && WrittenPlans.Find(request) is { } written && WrittenPlans.IsFresh(written.Path, written.Plan))
        {
            return written.Path;
        }

        return Write(request, screen, cancel);
    }
}
