using System.Text;

namespace DatasetBuild.Caching;

/// <summary>Relative names of output files: <c>/</c> between parts, nothing that leads out of the output folder.</summary>
internal static class OutputPaths
{
    /// <summary>The commit's own folder inside the output folder.</summary>
    internal const string StateFolder = ".datasetbuild";

    /// <summary>Whether a name stays inside whatever folder it is applied to, by its spelling alone.</summary>
    internal static bool IsSafe(string name) =>
        name.Length is > 0 and <= 4096
        && !name.AsSpan().ContainsAny('\\', ':', '\0')
        && name.Split('/').All(part => part.Length > 0 && part != "." && part != ".." && Encoding.UTF8.GetByteCount(part) <= 255);

    /// <summary>Whether every folder between <paramref name="root"/> and the named file is a real folder, or missing.</summary>
    internal static bool HasRealFolders(string root, string name)
    {
        var folder = root;
        foreach (var part in name.Split('/')[..^1])
        {
            folder = Path.Combine(folder, part);
            var info = new DirectoryInfo(folder);
            if (info.LinkTarget is not null || (info.Exists && (info.Attributes & FileAttributes.ReparsePoint) != 0) || File.Exists(folder))
            {
                return false;
            }
        }

        return true;
    }

    internal static string Combine(string root, string name) => Path.Combine(root, name.Replace('/', Path.DirectorySeparatorChar));
}
