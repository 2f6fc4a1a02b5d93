using System.Reflection;
using System.Security.Cryptography;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>Inputs that are kept with the sources: each was a failure once, or reaches what no seed does.</summary>
internal static class Corpus
{
    public static string Root { get; } = typeof(Corpus).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Corpus").Value!;

    public static IEnumerable<string> Of(string target) =>
        Directory.Exists(Path.Combine(Root, target)) ? Directory.GetFiles(Path.Combine(Root, target)).Order(StringComparer.Ordinal) : [];

    /// <returns>The file's path below the corpus.</returns>
    public static string Keep(string target, byte[] input)
    {
        var name = Path.Combine(target, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
        Directory.CreateDirectory(Path.Combine(Root, target));
        File.WriteAllBytes(Path.Combine(Root, name), input);
        return name;
    }
}
