using System.Runtime.InteropServices;
using System.Security;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// This repository's packages as a user gets them: packed in Release, once a test run and only when a test asks, into a folder that is the
/// only source of the projects that <see cref="Configure"/> prepares. They unpack into a folder of this run as well: in the user's own,
/// a package of an earlier run with the same version would win.
/// </summary>
/// <remarks>
/// Registered for the assembly: a test class that takes a <see cref="PackedFeed"/> in its constructor shares the one of the run.
/// <c>new SampleProject(…, packages: feed)</c> is a project that uses it; further projects are written beside that one with
/// <c>project.Write("../other/other.csproj", …)</c> and find the same feed.
/// </remarks>
public sealed class PackedFeed : IDisposable
{
    private static PackedFeed? ofTheRun;

    private readonly string root = Directory.CreateTempSubdirectory("dataset-feed-").FullName;
    private readonly Lazy<string> folder;
    private readonly Lazy<string> engine;
    private readonly Lazy<string> tool;
    private bool hasImages;

    public PackedFeed()
    {
        folder = new Lazy<string>(Pack);
        engine = new Lazy<string>(() => PackagedEngine.Unpack(Package("DatasetBuild"), Path.Combine(root, "programs", "engine")));
        tool = new Lazy<string>(() => PackagedEngine.Unpack(Package("dotnet-dataset"), Path.Combine(root, "programs", "tool")));
        ofTheRun ??= this;
    }

    /// <summary>
    /// The assembly of the engine for helpers that every test uses: that of the assembly's feed, beside which lie programs that start in a fifth of the time of one that is
    /// compiled while it runs; where there is none, what the build made.
    /// </summary>
    public static string EngineOfTheRun => ofTheRun?.Engine ?? Built.Engine;

    /// <summary>The same for the tool.</summary>
    public static string ToolOfTheRun => ofTheRun?.tool.Value ?? Built.Engine;

    /// <summary>The platform of these tests, and the only one for which code is compiled ahead of time: each takes a while.</summary>
    public static string Runtime => RuntimeInformation.RuntimeIdentifier;

    /// <summary>The folder with the packages.</summary>
    public string Folder => folder.Value;

    /// <summary>The assembly of the engine that a build with these packages starts on this machine; <see cref="PackagedEngine"/> says how.</summary>
    public string Engine => engine.Value;

    /// <summary>The version that all packages bear.</summary>
    public string Version => Path.GetFileNameWithoutExtension(Package("dotnet-dataset"))["dotnet-dataset.".Length..];

    /// <summary>Where the packages of all projects that use this feed are unpacked.</summary>
    public string UnpackedPackages => Path.Combine(root, "packages");

    /// <summary>The home folder of `dotnet` itself, where it keeps templates and tools that a test installs.</summary>
    public string DotNetHome => Path.Combine(root, "home");

    /// <summary>For tests of what is compiled ahead of time, which takes a compiler that not every machine can restore; a CI run must have it.</summary>
    public void NeedImages()
    {
        if (Folder.Length > 0 && !hasImages)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "the compiler for code ahead of time cannot be restored");
            Assert.Fail("The compiler for code ahead of time cannot be restored, and a CI run needs it.");
        }
    }

    /// <summary>Whether the engine is there as programs of machine code too, which take one more compiler and a linker, and are made for one platform.</summary>
    public bool HasNativeEngines
    {
        get => Folder.Length > 0 && field;
        private set;
    }

    /// <summary>Nothing is taken over from what was compiled to machine code before.</summary>
    public bool CompilesAnew { get; init; }

    /// <summary>For tests of these programs.</summary>
    public void NeedNativeEngines() => Assert.SkipUnless(HasNativeEngines, "No program of machine code can be made here.");

    /// <summary>The file of one package.</summary>
    public string Package(string id) =>
        Directory.GetFiles(Folder, $"{id}.*.nupkg").Where(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1])).ShouldHaveSingleItem();

    /// <summary>Makes the feed the only source of all projects under <paramref name="userFolder"/>, and names what their builds need in the environment.</summary>
    public void Configure(string userFolder, IDictionary<string, string> variables)
    {
        File.WriteAllText(Path.Combine(userFolder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{SecurityElement.Escape(Folder)}" />
              </packageSources>
              <fallbackPackageFolders>
                <clear />
              </fallbackPackageFolders>
            </configuration>
            """);
        variables["NUGET_PACKAGES"] = UnpackedPackages;
        variables["DOTNET_CLI_HOME"] = DotNetHome;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (IOException)
        {
            // A process that a test killed may still be writing; the system clears its temporary folder.
        }
    }

    private string Pack()
    {
        var feed = Path.Combine(root, "feed");

        using var alone = WaitToBeAlone();
        foreach (var part in CompilesAnew ? (string[])["bin", "obj"] : [])
        {
            var compiled = Path.Combine(Built.Repository, "artifacts", part, $"NativeEngine-{Runtime}");
            if (Directory.Exists(compiled))
            {
                Directory.Delete(compiled, recursive: true);
            }
        }

        // The build of these tests has analysed the code already.
        var pack = DotNet.Run(
            Built.Repository,
            ["pack", "build/packages.slnf", "--configuration", "Release", "--output", feed, "-property:RunAnalyzers=false", $"-property:DatasetEngineRuntimes={Runtime}"]);
        pack.ExitCode.ShouldBe(0, pack.Text);
        var warnings = pack.Text.Split('\n').Where(line => line.Contains("warning")).ToList();
        hasImages = !warnings.Exists(line => line.Contains("no code that is compiled ahead of time"));
        HasNativeEngines = Runtime == "linux-x64" && !warnings.Exists(line => line.Contains("no engine of machine code"));
        warnings.ShouldAllBe(line => line.Contains("no code that is compiled ahead of time") || line.Contains("no engine of machine code"), pack.Text);
        return feed;
    }

    /// <summary>Two test runs that pack at a time would write the same files of this repository. The system frees the file of a run that is killed.</summary>
    internal static FileStream WaitToBeAlone()
    {
        var file = Path.Combine(Built.Repository, "artifacts", "packing.lock");
        for (var limit = DateTime.UtcNow.AddMinutes(10); ;)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < limit)
            {
                Thread.Sleep(100);
            }
        }
    }
}
