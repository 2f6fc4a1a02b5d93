using System.IO.Compression;
using System.Runtime.InteropServices;
using DatasetBuild.Tasks;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>The engine of a package, as a build on this machine finds and starts it.</summary>
internal static class PackagedEngine
{
    /// <summary>Unpacks a package, and returns the assembly that is for this machine; beside it may lie programs of machine code.</summary>
    public static string Unpack(string package, string target)
    {
        ZipFile.ExtractToDirectory(package, target);
        var tools = Path.Combine(target, "tools", "net10.0");
        var folder = Path.Combine(tools, RuntimeInformation.RuntimeIdentifier);
        if (!Directory.Exists(folder))
        {
            folder = Path.Combine(tools, "any");
        }

        if (OperatingSystem.IsLinux())
        {
            foreach (var program in Directory.EnumerateFiles(folder, "dataset-engine", SearchOption.AllDirectories))
            {
                File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute); // as NuGet does
            }
        }

        return Path.Combine(folder, "dotnet-dataset.dll");
    }

    /// <summary>What a build starts: the program of machine code that lies beside the assembly, or `dotnet` with that.</summary>
    /// <param name="assembly">The engine's assembly.</param>
    /// <param name="variables">An environment that takes instructions away from the runtime takes them from what chooses the program, too.</param>
    public static (string Program, string[] Arguments) Command(string assembly, IReadOnlyDictionary<string, string>? variables = null) =>
        variables?.Keys.Any(name => name.StartsWith("DOTNET_Enable", StringComparison.Ordinal)) != true && NativeEngine.Beside(assembly) is { } program
            ? (program, [])
            : ("dotnet", ["exec", assembly]);
}
