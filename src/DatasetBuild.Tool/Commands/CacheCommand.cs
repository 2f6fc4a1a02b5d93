using System.CommandLine;
using DatasetBuild.Pipeline;

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

    public static Option<string?> FolderOption() => new("--cache") { Description = "The cache folder. The default is DatasetCachePath of the environment, as for builds, or the user's.", HelpName = "PATH" };

    public static string Folder(string? given) => Path.GetFullPath(given ?? OfEnvironment() ?? UserFolders.Cache);

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
        return new Command("path", "Says where the cache is.") { cache }.Running((parsed, _, _) =>
        {
            Console.Out.WriteLine(Folder(parsed.GetValue(cache)));
            return ExitCodes.Done;
        });
    }
}
