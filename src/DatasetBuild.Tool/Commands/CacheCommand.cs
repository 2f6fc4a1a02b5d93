using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache</c>: looks after the score cache.</summary>
internal static class CacheCommand
{
    private const string Variable = "DatasetCachePath";

    public static Command Create() => new("cache", "Looks after the score cache.")
    {
        CacheInfoCommand.Create(),
        CacheCleanCommand.Create(),
        CacheVerifyCommand.Create(),
        PathCommand(),
    };

    public static Option<string?> FolderOption() => new("--cache")
    {
        Description = "The cache folder. The default is that of the project, of DatasetCachePath of the environment, as for builds, or the user's.",
        HelpName = "PATH",
    };

    /// <summary>The folder that is named, else that of the project that is named or lies in the current folder, else the one that a project has which says nothing.</summary>
    public static string Folder(string? given, ProjectArguments project, ParseResult parsed, Screen screen, StopRequest stop)
    {
        if (given is not null)
        {
            return Path.GetFullPath(given);
        }

        if (parsed.GetValue(project.Project) is null && !ProjectRequest.HoldsOneProject(Environment.CurrentDirectory))
        {
            return OfEnvironment() ?? UserFolders.Cache;
        }

        try
        {
            return ProjectPlan.Current(project.Read(parsed), screen, stop).CachePath;
        }
        catch (MSBuildFailedException failure) when (failure.IsNoDataset && parsed.GetValue(project.Project) is null)
        {
            var folder = OfEnvironment() ?? UserFolders.Cache;
            screen.Say($"The project in this folder has no dataset, or was not restored: the cache is {Visible.Of(folder)}.");
            return folder;
        }
    }

    /// <summary>MSBuild takes variables of the environment for properties, so that builds obey this one.</summary>
    private static string? OfEnvironment() => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => null,
        var path when Path.IsPathRooted(path) => path,
        var path => throw new UsageException($"{Variable} of the environment is '{path}', which is another folder for each project. Name one with --cache."),
    };

    private static Command PathCommand()
    {
        var cache = FolderOption();
        var project = new ProjectArguments();
        var command = new Command("path", "Says where the cache is.") { project.Project, cache };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            Console.Out.WriteLine(Folder(parsed.GetValue(cache), project, parsed, screen, stop));
            return ExitCodes.Done;
        });
    }
}
