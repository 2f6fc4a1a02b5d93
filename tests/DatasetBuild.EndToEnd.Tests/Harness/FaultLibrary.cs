using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>`faults.c`, compiled once a run: with it a chosen deed of a process on its files goes wrong, and the product needs no seam for it.</summary>
internal static class FaultLibrary
{
    private static readonly Lazy<string?> Library = new(Compile);

    public static string? WhyMissing =>
        !OperatingSystem.IsLinux() ? "faults are injected with LD_PRELOAD, which is Linux's" : Library.Value is null ? "there is no C compiler (cc) to build faults.c with" : null;

    /// <summary>Tests that need the library skip without it; a CI run must have it.</summary>
    public static void Need()
    {
        if (WhyMissing is { } why)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", why);
            Assert.Fail(why);
        }
    }

    /// <summary>What a process must find in its environment for one of its deeds below a folder to go wrong; see `faults.c`.</summary>
    /// <param name="folder">Deeds below it count.</param>
    /// <param name="what">What goes wrong.</param>
    /// <param name="number">Of the deed, from 1; 0 counts only.</param>
    /// <param name="path">Deeds count only where the path contains this.</param>
    /// <param name="trace">A file that every deed is written to.</param>
    /// <param name="seconds">By how much the clock jumps.</param>
    public static Dictionary<string, string> Variables(string folder, string what, int number, string path = "", string trace = "", long seconds = 0)
    {
        var variables = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library.Value ?? throw new InvalidOperationException(WhyMissing),
            ["DATASET_FAULT_FOLDER"] = folder + "/",
            ["DATASET_FAULT_DO"] = what,
            ["DATASET_FAULT_AT"] = number.ToString(CultureInfo.InvariantCulture),
            ["DATASET_FAULT_SECONDS"] = seconds.ToString(CultureInfo.InvariantCulture),
        };
        if (path.Length > 0)
        {
            variables["DATASET_FAULT_PATH"] = path;
        }

        if (trace.Length > 0)
        {
            variables["DATASET_FAULT_TRACE"] = trace;
        }

        return variables;
    }

    private static string? Compile()
    {
        // Beside what is built, not in the sources; a run that is going on keeps the one that it has loaded.
        var source = Path.Combine(Built.Repository, "tests", "DatasetBuild.EndToEnd.Tests", "Harness", "faults.c");
        var library = Path.Combine(Path.GetDirectoryName(typeof(FaultLibrary).Assembly.Location)!, $"faults.{Environment.ProcessId}.so");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source, "-ldl"])
            {
                RedirectStandardError = true,
            })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(library);
            return compiler.ExitCode == 0 ? library : throw new InvalidOperationException(errors);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
