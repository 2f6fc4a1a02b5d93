using System.Security;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// A project in a temporary folder, as a user would have it, with a cache of its own. Files beside it swap the package that it names for
/// what this repository has built, or name a feed that the package comes from.
/// </summary>
internal sealed class SampleProject : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dataset-build-").FullName;
    private readonly string place;
    private readonly string version;
    private bool restored;

    /// <param name="items">What stands in the project's item group.</param>
    /// <param name="properties">What stands in its property group.</param>
    /// <param name="engine">The engine's assembly, if not the real one.</param>
    /// <param name="name">The project's name and that of its folder.</param>
    /// <param name="place">The folders in which the project's folder lies.</param>
    /// <param name="packages">Where the package comes from; null swaps it for what this repository has built, with the engine of its packages.</param>
    /// <param name="restores">
    /// Whether NuGet is asked before a build: without packages it has nothing to do, and takes as long as the whole build to find that out. Projects
    /// that refer to others or have several frameworks need its tasks in any case.
    /// </param>
    public SampleProject(
        string items = "",
        string properties = "<DatasetOnly>true</DatasetOnly>",
        string? engine = null,
        string name = "sample",
        string place = "",
        PackedFeed? packages = null,
        bool restores = false)
    {
        Name = name;
        this.place = place;
        version = packages?.Version ?? "0.1.0";
        Directory.CreateDirectory(Folder);
        if (packages is null)
        {
            SwapThePackage(engine ?? PackedFeed.EngineOfTheRun, restores || items.Contains("<ProjectReference", StringComparison.Ordinal) || properties.Contains("<TargetFrameworks>", StringComparison.Ordinal));
        }
        else
        {
            packages.Configure(Path.Combine(root, place), Variables);
            Write("../Directory.Build.props", $"""
                <Project>
                  <PropertyGroup>
                    <DatasetCachePath>{SecurityElement.Escape(CachePath)}</DatasetCachePath>
                  </PropertyGroup>
                </Project>
                """);
        }

        WriteProject(items, properties);
    }

    public string Name { get; }

    /// <summary>Whether its commands meet an MSBuild that runs already, or start one as those of a user who types them in a terminal do.</summary>
    public bool UsesServer { get; set; } = true;

    /// <summary>The project's folder.</summary>
    public string Folder => Path.Combine(root, place, Name);

    public string CachePath => Path.Combine(root, place, "cache");

    /// <summary>What this project's builds find in the environment besides the usual.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    public string OutputPath => PathOf("bin/Debug/net10.0/dataset");

    public string StatePath => PathOf("obj/Debug/net10.0/dataset");

    public string ManifestFile => Path.Combine(OutputPath, ".datasetbuild", "manifest.json");

    public string PathOf(string file) => Path.Combine(Folder, file);

    public void WriteProject(string items, string properties = "<DatasetOnly>true</DatasetOnly>") => Write(Name + ".csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            {properties}
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="DatasetBuild" Version="{version}" PrivateAssets="all" />
            {items}
          </ItemGroup>
        </Project>
        """);

    public SampleProject Write(string file, string text)
    {
        var path = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public SampleProject WriteLines(string file, IEnumerable<string> lines) => Write(file, string.Concat(lines.Select(line => line + "\n")));

    public void Edit(string file, Func<string, string> change) => Write(file, change(File.ReadAllText(PathOf(file))));

    /// <summary>`dotnet` with any arguments, in the project's folder.</summary>
    public BuildOutput DotNet(params string[] arguments) => Start(arguments, nodeReuse: false);

    /// <summary>What a fake engine is to play when it gets this project's plan.</summary>
    public SampleProject Script(params string[] commands) => WriteLines("obj/Debug/net10.0/dataset/plan.json.script", commands);

    /// <summary>`dotnet build`, at a verbosity that shows each stage. Restores the first time only.</summary>
    public BuildOutput Build(params string[] arguments) => Run("build", ["-verbosity:normal", .. arguments]);

    public BuildOutput Clean() => Run("clean", []);

    public BuildOutput Run(string command, IEnumerable<string> arguments, bool nodeReuse = false) =>
        Start(Arguments(command, arguments), nodeReuse);

    public IEnumerable<string> Arguments(string command, IEnumerable<string> arguments)
    {
        string[] restore = restored && command == "build" ? ["--no-restore"] : [];
        restored = true;
        return [command, .. restore, .. arguments];
    }

    /// <summary>All records of the subset, in the order of its files.</summary>
    public string[] Records() => [.. OutputFiles().Where(file => file.EndsWith(".jsonl", StringComparison.Ordinal)).SelectMany(File.ReadAllLines)];

    public string[] OutputFiles() => FilesUnder(OutputPath);

    /// <summary>Every file of the subset with its bytes: what two builds have to agree on.</summary>
    public Dictionary<string, string> OutputBytes() => BytesUnder(OutputPath);

    /// <summary>Every file of the subset with what changes when somebody writes to it.</summary>
    public Dictionary<string, string> OutputStamps() =>
        FileStamp.Under(OutputPath).ToDictionary(file => Path.GetRelativePath(OutputPath, file.Key), file => file.Value);

    public static Dictionary<string, string> BytesUnder(string folder) =>
        FilesUnder(folder).ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(File.ReadAllBytes(file)));

    public static string[] FilesUnder(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

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

    private BuildOutput Start(IEnumerable<string> arguments, bool nodeReuse) => UsesServer && !nodeReuse
        ? BuildServers.Build(Folder, [.. arguments], Variables)
        : Harness.DotNet.Run(Folder, arguments, nodeReuse, Variables);

    private void SwapThePackage(string engine, bool restores)
    {
        Write("../nothing-to-restore.targets", """
            <Project>
              <Target Name="Restore">
                <PropertyGroup>
                  <_Framework>{ "$(TargetFramework)": { "targetAlias": "$(TargetFramework)" } }</_Framework>
                  <_Assets>{ "version": 3, "targets": { "$(TargetFramework)": {} }, "libraries": {}, "projectFileDependencyGroups": {}, "packageFolders": {}, "project": { "restore": { "projectStyle": "PackageReference", "frameworks": $(_Framework) }, "frameworks": $(_Framework) } }</_Assets>
                </PropertyGroup>
                <WriteLinesToFile File="$(ProjectAssetsFile)" Lines="$(_Assets)" WriteOnlyWhenDifferent="true" Overwrite="true" />
              </Target>
            </Project>
            """);
        Write("../Directory.Packages.props", "<Project />");
        Write("../Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <_DatasetTaskAssembly>{Built.Task}</_DatasetTaskAssembly>
                <_DatasetEngineAssembly>{engine}</_DatasetEngineAssembly>
                <DatasetCachePath>{SecurityElement.Escape(CachePath)}</DatasetCachePath>
                <NuGetRestoreTargets Condition="'$(SolutionPath)' == ''">{(restores ? "" : "$(MSBuildThisFileDirectory)nothing-to-restore.targets")}</NuGetRestoreTargets>
              </PropertyGroup>
              <Import Project="{Built.Repository}targets/DatasetBuild.props" />
            </Project>
            """);
        Write("../Directory.Build.targets", $"""
            <Project>
              <ItemGroup>
                <PackageReference Remove="DatasetBuild" />
              </ItemGroup>
              <Import Project="{Built.Repository}targets/DatasetBuild.targets" Condition="'$(IsCrossTargetingBuild)' != 'true'" />
              <Import Project="{Built.Repository}targets/buildMultiTargeting/DatasetBuild.targets" Condition="'$(IsCrossTargetingBuild)' == 'true'" />
            </Project>
            """);
    }
}
