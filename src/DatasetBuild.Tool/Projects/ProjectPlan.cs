using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// The plan of the project that a command is about, always as MSBuild evaluates the project now. What an evaluation follows from cannot be listed:
/// imports that appear, the environment, files that a property reads, items that a target adds.
/// </summary>
internal static class ProjectPlan
{
    /// <summary>The plan that a question is answered from. Asking leaves the plan that was built as it is.</summary>
    public static Plan Current(ProjectRequest request, Screen screen, CancellationToken cancel)
    {
        if (request.IsPlan)
        {
            return Plan.Load(request.File);
        }

        var path = Write(MSBuild.Query, request, screen, cancel);
        try
        {
            return Plan.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The path of the plan to build.</summary>
    public static string Write(ProjectRequest request, Screen screen, CancellationToken cancel) =>
        request.IsPlan ? request.File : Write(MSBuild.Plan, request, screen, cancel);

    private static string Write(string target, ProjectRequest request, Screen screen, CancellationToken cancel)
    {
        var path = "";
        if (screen.IsLive)
        {
            screen.Error.Status().Start($"Evaluating {Markup.Escape(Path.GetFileName(request.File))}", _ => path = MSBuild.WritePlan(target, request, screen, cancel));
        }
        else
        {
            path = MSBuild.WritePlan(target, request, screen, cancel);
        }

        return path;
    }
}
