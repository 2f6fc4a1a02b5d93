using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DatasetBuild.Caching;

/// <summary>
/// Removes the temporaries that killed builds left in a project's folders and in the cache. Other builds may be writing there right now, so one
/// goes only when its writer is dead: no process here has the number in its name, and nobody holds it open (who could be on another machine).
/// </summary>
internal static partial class StrayTemporaries
{
    private static readonly EnumerationOptions WithoutLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Removes them from a cache.</summary>
    internal static void RemoveFromCache(string cacheRoot)
    {
        var folder = CacheFiles.TemporariesIn(cacheRoot);
        if (!CacheFiles.IsBehindLink(folder, 1))
        {
            Remove(folder);
        }

        Remove(cacheRoot); // beside the stamp of the limit
        LiveBuild.RemoveDead(cacheRoot);
    }

    /// <summary>Removes those that lie in a folder itself.</summary>
    internal static void Remove(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*" + CacheFiles.TemporarySuffix, WithoutLinks))
            {
                if (Name().Match(path) is { Success: true } name && !IsAlive(name.Groups["writer"].Value) && !CacheFiles.IsHeld(path))
                {
                    CacheFiles.TryDelete(path);
                }
            }

            foreach (var path in CacheListing.Folders(folder))
            {
                if (path.EndsWith(CacheFiles.TemporarySuffix, StringComparison.Ordinal) && Name().Match(path) is { Success: true } name && !IsAlive(name.Groups["writer"].Value))
                {
                    Directory.Delete(path, recursive: true);
                }
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // The folder is not there yet, or not ours to clean.
        }
    }

    /// <summary>As <see cref="CacheFiles.TemporaryBeside"/> makes it; a user's own temporaries are none of our business.</summary>
    [GeneratedRegex(@"\.(?<writer>[0-9]{1,10})-[0-9a-f]{12}\.tmp$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    private static bool IsAlive(string writer)
    {
        try
        {
            using var process = Process.GetProcessById(int.Parse(writer, CultureInfo.InvariantCulture));
            return true;
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            return false;
        }
    }
}
