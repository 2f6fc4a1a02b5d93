using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DatasetBuild.Caching;

/// <summary>
/// Removes the temporaries that killed builds left in a project's own folders. Another build of the same project may be writing there right now, so one
/// goes only when its writer is dead: no process here has the number in its name, and nobody holds it open (who could be on another machine).
/// </summary>
internal static partial class StrayTemporaries
{
    internal static void Remove(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*" + CacheFiles.TemporarySuffix, SearchOption.AllDirectories))
            {
                if (Name().Match(path) is { Success: true } name && !IsAlive(name.Groups["writer"].Value) && !IsHeld(path))
                {
                    CacheFiles.TryDelete(path);
                }
            }

            foreach (var path in CacheListing.Folders(folder))
            {
                if (Name().Match(path) is { Success: true } name && !IsAlive(name.Groups["writer"].Value))
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

    private static bool IsHeld(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return true;
        }
    }
}
