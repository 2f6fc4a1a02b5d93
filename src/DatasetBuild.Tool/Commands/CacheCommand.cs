using System.CommandLine;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>cache</c>: looks after the score cache.</summary>
internal static class CacheCommand
{
    public static Command Create() => new("cache", "Looks after the score cache.")
    {
        CacheInfoCommand.Create(),
        CacheCleanCommand.Create(),
        CacheVerifyCommand.Create(),
        PathCommand(),
    };

    public static Option<string?> FolderOption() => new("--cache") { Description = "The cache folder. The default is the user's.", HelpName = "PATH" };

    public static string Folder(string? given) => Path.GetFullPath(given ?? UserFolders.Cache);

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
