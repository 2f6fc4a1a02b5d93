using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Packages;

/// <summary>What is in the packages, file by file: nothing is missing and nothing strays in.</summary>
public sealed class PackageContentTests(PackedFeed feed)
{
    private static readonly string[] Pages = ["LICENSE", "README.md", "docs/FORMATS.md", "docs/PLAN.md"];

    private static readonly string[] Engine =
    [
        "DatasetBuild.dll", "DatasetBuild.LanguageModels.dll", "Spectre.Console.dll", "System.CommandLine.dll", "dotnet-dataset.deps.json", "dotnet-dataset.dll", "dotnet-dataset.runtimeconfig.json",
    ];

    private static readonly string[] Targets =
    [
        "DatasetBuild.props", "DatasetBuild.targets", "DatasetBuild.DatasetOnly.targets", "DatasetBuild.Packing.targets", "DatasetBuild.References.targets",
    ];

    /// <summary>Portable code, and the same compiled ahead of time.</summary>
    private string[] Runtimes
    {
        get
        {
            feed.NeedImages();
            return ["any", PackedFeed.Runtime];
        }
    }

    private string[] NativeEngines => feed.HasNativeEngines ? ["x86-64-v3/dataset-engine", "x86-64-v4/dataset-engine"] : [];

    private string[] TaskAndEngine =>
    [
        "THIRD-PARTY-NOTICES.txt", .. Runtimes.Select(runtime => $"tasks/net10.0/{runtime}/DatasetBuild.Tasks.dll"),
        .. Runtimes.SelectMany(runtime => Engine.Select(file => $"tools/net10.0/{runtime}/{file}")), .. NativeEngines.Select(file => $"tools/net10.0/{PackedFeed.Runtime}/{file}"),
    ];

    [Fact]
    public void There_are_four_packages() =>
        Directory.GetFiles(feed.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(new[] { "DatasetBuild", "DatasetBuild.Sdk", "DatasetBuild.Templates", "dotnet-dataset" }.Select(id => $"{id}.{feed.Version}.nupkg").Order(StringComparer.Ordinal));

    [Fact]
    public void The_package_that_a_project_references_holds_targets_task_and_engine() => FilesOf("DatasetBuild").ShouldBe(
        [.. Pages, .. TaskAndEngine, .. Targets.Select(file => "build/" + file), "buildMultiTargeting/DatasetBuild.targets"], ignoreOrder: true);

    [Fact]
    public void The_sdk_holds_the_same_and_is_an_sdk()
    {
        FilesOf("DatasetBuild.Sdk").ShouldBe(
            [
                .. Pages, .. TaskAndEngine, "Sdk/Sdk.props", "Sdk/Sdk.targets", .. Targets.Select(file => "Sdk/" + file), "Sdk/buildMultiTargeting/DatasetBuild.targets",
            ],
            ignoreOrder: true);
        Metadata("DatasetBuild.Sdk", "packageTypes").Descendants().Select(type => type.Attribute("name")?.Value).ShouldBe(["MSBuildSdk"]);
    }

    [Fact]
    public void The_tool_holds_the_engine_and_the_logger_that_msbuild_loads() => FilesOf("dotnet-dataset").ShouldBe(
        [
            .. Pages, "THIRD-PARTY-NOTICES.txt",
            .. Runtimes.SelectMany(runtime => Engine.Concat(["DatasetBuild.Tasks.dll", "DotnetToolSettings.xml"]).Select(file => $"tools/net10.0/{runtime}/{file}")),
        ],
        ignoreOrder: true);

    /// <summary>One compilation, so that builds and questions share what they remember, whichever of its forms a platform runs.</summary>
    [Theory]
    [InlineData("DatasetBuild")]
    [InlineData("DatasetBuild.Sdk")]
    [InlineData("dotnet-dataset")]
    public void Portable_code_and_that_for_a_platform_are_one_compilation(string id)
    {
        foreach (var file in FilesOf(id).Where(file => file.Contains("/any/") && file.EndsWith(".dll", StringComparison.Ordinal)))
        {
            feed.NeedImages();
            var (portable, hasNativeCode) = Module(id, file);
            hasNativeCode.ShouldBeFalse(file);
            Module(id, file.Replace("/any/", $"/{PackedFeed.Runtime}/")).ShouldBe((portable, true), file);
        }

        Module(id, "tools/net10.0/any/DatasetBuild.dll").ShouldBe(Module("DatasetBuild", "tools/net10.0/any/DatasetBuild.dll"));
    }

    [Fact]
    public void The_templates_name_the_sdk_that_they_were_packed_with()
    {
        FilesOf("DatasetBuild.Templates").Where(file => !file.StartsWith("content/dataset/", StringComparison.Ordinal)).ShouldBe(Pages, ignoreOrder: true);
        Text("DatasetBuild.Templates", "content/dataset/DatasetTemplate.csproj").ShouldContain($"""<Project Sdk="DatasetBuild.Sdk/{feed.Version}">""");
    }

    [Theory]
    [InlineData("DatasetBuild")]
    [InlineData("DatasetBuild.Sdk")]
    [InlineData("DatasetBuild.Templates")]
    [InlineData("dotnet-dataset")]
    public void Each_says_what_it_is_and_depends_on_nothing(string id)
    {
        Metadata(id, "license").Value.ShouldBe("MIT");
        Metadata(id, "readme").Value.ShouldBe("README.md");
        Metadata(id, "description").Value.ShouldNotBeEmpty();
        Metadata(id, "tags").Value.ShouldContain("dataset");
        Metadata(id, "dependencies", required: false).Elements().ShouldBeEmpty();

        var files = FilesOf(id);
        var links = Regex.Matches(Text(id, "README.md"), @"\]\((?!https?:|#)([^)#\s]+)").Select(link => link.Groups[1].Value).ToList();
        links.ShouldNotBeEmpty();
        links.ShouldAllBe(link => files.Contains(link), "a link of the README leads nowhere in the package");
    }

    /// <summary>A second packing: the same files with the same bytes, in the same order, with the same times.</summary>
    [Fact]
    public void Packing_twice_gives_the_same_bytes()
    {
        using var again = new PackedFeed { CompilesAnew = true };
        foreach (var package in Directory.GetFiles(feed.Folder))
        {
            Digest(Path.Combine(again.Folder, Path.GetFileName(package))).ShouldBe(Digest(package), package);
        }
    }

    /// <summary>A framework's code goes into such a program as far as it is used: none of what opens connections is.</summary>
    [Fact]
    public void The_programs_of_machine_code_have_nothing_to_open_a_connection_with()
    {
        feed.NeedNativeEngines();
        foreach (var file in NativeEngines)
        {
            var program = Encoding.Latin1.GetString(Bytes("DatasetBuild", $"tools/net10.0/{PackedFeed.Runtime}/{file}"));
            program.ShouldContain("DatasetException");
            program.ShouldNotContain("HttpClient");
            program.ShouldNotContain("SocketException");
        }
    }

    private static string Digest(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>All files but those of the container itself.</summary>
    private string[] FilesOf(string id)
    {
        using var package = ZipFile.OpenRead(feed.Package(id));
        return
        [
            .. package.Entries.Select(entry => entry.FullName)
                .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal))
                .Where(name => name != "[Content_Types].xml" && name != $"{id}.nuspec"),
        ];
    }

    /// <summary>What tells one compilation of an assembly from another, and whether machine code goes with it.</summary>
    private (Guid Version, bool HasNativeCode) Module(string id, string file)
    {
        using var assembly = new PEReader(new MemoryStream(Bytes(id, file)));
        var metadata = assembly.GetMetadataReader();
        return (metadata.GetGuid(metadata.GetModuleDefinition().Mvid), assembly.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0);
    }

    private string Text(string id, string file)
    {
        using var reader = new StreamReader(new MemoryStream(Bytes(id, file)));
        return reader.ReadToEnd();
    }

    private byte[] Bytes(string id, string file)
    {
        using var package = ZipFile.OpenRead(feed.Package(id));
        using var content = new MemoryStream();
        package.GetEntry(file).ShouldNotBeNull(file).Open().CopyTo(content);
        return content.ToArray();
    }

    private XElement Metadata(string id, string name, bool required = true)
    {
        var element = XDocument.Parse(Text(id, $"{id}.nuspec")).Descendants().SingleOrDefault(element => element.Name.LocalName == name);
        return required ? element.ShouldNotBeNull(name) : element ?? new XElement(name);
    }
}
