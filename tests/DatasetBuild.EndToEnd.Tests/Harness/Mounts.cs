using System.Diagnostics;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// Starts engines in a namespace of their own, in which file systems are mounted as no test could on the machine: permissions do not bind a test that runs as
/// root, a file system that is read-only or full does. Needs unshare(1) and the right to use it.
/// </summary>
internal static class Mounts
{
    private static readonly Lazy<bool> ArePermitted = new(() => OperatingSystem.IsLinux() && Try("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", Path.GetTempPath()));

    private static readonly Lazy<bool> IsolationIsPermitted = new(() => OperatingSystem.IsLinux() && Try("unshare", "-n", "true"));

    public static void SkipUnlessPermitted() => Assert.SkipUnless(ArePermitted.Value, "This user may not mount anything, not even in a namespace.");

    public static void SkipUnlessIsolated() => Assert.SkipUnless(IsolationIsPermitted.Value, "This user may not make a namespace without a network.");

    /// <summary>The folder cannot be written to.</summary>
    public static string ReadOnly(string folder) => $"mkdir -p '{folder}' && mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}'";

    /// <summary>The folder is empty and takes so many KiB.</summary>
    public static string Small(string folder, int kibibytes) => $"mkdir -p '{folder}' && mount -t tmpfs -o size={kibibytes}k none '{folder}'";

    /// <summary>Builds the project with these mounts, and afterwards has the shell say what else is wanted, which no one sees from outside.</summary>
    public static EngineOutput Build(EngineProject project, string mounts, string afterwards = "true")
    {
        project.WritePlan();
        var engine = string.Join(' ', Engine(project).Select(word => $"'{word}'"));
        return Run(project.Folder, "-m", "sh", "-c", $"{mounts} && {{ {engine}; rc=$?; {afterwards}; exit $rc; }}");
    }

    /// <summary>Builds the project where there is no network, not even to this machine itself.</summary>
    public static EngineOutput BuildWithoutNetwork(EngineProject project)
    {
        project.WritePlan();
        return Run(project.Folder, ["-n", .. Engine(project)]);
    }

    private static string[] Engine(EngineProject project)
    {
        var (program, arguments) = PackagedEngine.Command(PackedFeed.EngineOfTheRun);
        return [program, .. arguments, "engine", Path.Combine(project.StatePath, "plan.json")];
    }

    private static EngineOutput Run(string folder, params string[] arguments)
    {
        using var process = Start("unshare", folder, arguments);
        return EngineOutput.Of(DotNet.Finish(process));
    }

    private static bool Try(string program, params string[] arguments)
    {
        try
        {
            using var process = Start(program, Path.GetTempPath(), arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(string program, string folder, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true, // stays open: its end would stop the engine
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
