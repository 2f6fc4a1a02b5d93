using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>Says what stands where a regular file is wanted. A pipe or a device is none: to read it might never end.</summary>
public static class UnusableFile
{
    /// <summary>What is wrong, as in "it does not exist", or null where a regular file is there.</summary>
    public static string? Describe(string fullPath)
    {
        if (FileStamp.TryOf(fullPath, out _))
        {
            return null;
        }

        if (Directory.Exists(fullPath))
        {
            return "it is a folder";
        }

        // To .NET a link exists, wherever it leads.
        var real = new FileInfo(new RealPaths().Of(fullPath));
        return real.Exists && real.LinkTarget is null ? "it is no regular file (a pipe, a device, a socket)"
            : new FileInfo(fullPath).LinkTarget is { } target ? $"it is a link to '{target}', which leads nowhere"
            : "it does not exist";
    }

    /// <exception cref="DatasetException">No regular file is there.</exception>
    public static void Refuse(string fullPath)
    {
        if (Complaint(fullPath) is { } complaint)
        {
            throw new DatasetException(DataCodes.UnreadableShard, complaint, fullPath);
        }
    }

    /// <summary>The same as a sentence about the file, with what to do; null where there is nothing to say.</summary>
    public static string? Complaint(string fullPath) => Describe(fullPath) is { } problem ? $"the file cannot be read: {problem}. Mend its path." : null;
}
