using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Where the verdicts of a shard stand in the report: in the shard's own folders, under names that every file system takes.</summary>
internal static class VerdictPath
{
    private const string Extension = ".csv";

    // What file systems allow in a name, without the marks that a name in the making gets.
    private const int MaxNameBytes = 200;

    public static string Of(string shardName) => string.Join('/', shardName.Split('/').Select(Part)) + Extension;

    /// <summary>A step up becomes a name that no shard can have; what is too long becomes its beginning and a hash of the whole.</summary>
    private static string Part(string part)
    {
        var name = part == ".." ? "%2E%2E" : part.Replace("%", "%25", StringComparison.Ordinal).Replace(":", "%3A", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length <= MaxNameBytes)
        {
            return name;
        }

        var length = MaxNameBytes / 2;
        while ((bytes[length] & 0xc0) == 0x80)
        {
            length--;
        }

        return $"{Encoding.UTF8.GetString(bytes, 0, length)}~{XxHash64.Hash(bytes):x16}";
    }
}
