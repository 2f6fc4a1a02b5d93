using System.Globalization;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>What a dataset in which nothing changed adds to `dotnet build`: a project with the package against an empty project, turn by turn.</summary>
internal static class UnchangedProjects
{
    private static readonly Case[] Cases =
    [
        new("`dotnet build`", ["build"], Server: false),
        new("`dotnet build --no-restore`", ["build", "--no-restore"], Server: false),
        new("`dotnet build`, MSBuild server", ["build"], Server: true),
        new("`dotnet build --no-restore`, MSBuild server", ["build", "--no-restore"], Server: true),
    ];

    public static int Run(string[] options)
    {
        var runs = int.Parse(CommandLine.Option(options, "--runs") ?? "15", CultureInfo.InvariantCulture);
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var packages = new Packages(work.FullName);
            var with = WriteDataset(work.FullName, packages);
            var without = WriteEmpty(work.FullName);
            var results = new List<(Case Case, List<(Cost With, Cost Without)> Pairs)>();
            foreach (var @case in Cases)
            {
                var pairs = new List<(Cost, Cost)>();
                var variables = Variables(work.FullName, @case.Server);
                for (var run = -2; run < runs; run++) // the first two build what is not built, and warm up
                {
                    // Whoever comes second in a pair would always find what the first one warmed up.
                    var first = run % 2 == 0;
                    var early = Build(first ? with : without, @case, variables);
                    var late = Build(first ? without : with, @case, variables);
                    if (run >= 0)
                    {
                        pairs.Add(first ? (early, late) : (late, early));
                    }
                }

                if (@case.Server)
                {
                    Stop(variables, with);
                }

                results.Add((@case, pairs));
            }

            Print(results, options.Contains("--json"), Engine.FormOf(packages.UnpackEngine(Path.Combine(work.FullName, "engine"))), runs);
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static Cost Build(string folder, Case @case, IReadOnlyDictionary<string, string> variables) =>
        Measurement.Run(folder, variables, ["dotnet", .. @case.Arguments, "-nologo"]);

    /// <summary>Packages and processes of this measurement only: those of the machine are neither used nor changed.</summary>
    private static Dictionary<string, string> Variables(string folder, bool server) => new()
    {
        ["NUGET_PACKAGES"] = Path.Combine(folder, "packages"),
        ["MSBUILDNODEHANDSHAKESALT"] = Path.GetFileName(folder),
        ["MSBUILDDISABLENODEREUSE"] = "0", // what a machine without users may have set, and without which there is no server
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = server ? "1" : "0",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
    };

    private static string WriteDataset(string root, Packages packages)
    {
        File.WriteAllText(Path.Combine(root, "nuget.config"), $"""
            <configuration><packageSources><clear /><add key="packed" value="{packages.Feed}" /></packageSources></configuration>
            """);
        var project = Directory.CreateDirectory(Path.Combine(root, "with", "data")).Parent!.FullName;
        for (var shard = 0; shard < 4; shard++)
        {
            File.WriteAllLines(Path.Combine(project, "data", $"{shard}.jsonl"), Enumerable.Range(0, 1000).Select(record =>
                $$"""{"prompt": "What is {{record}} in the {{shard}}th book?", "completion": "A number that is followed by {{record + 1}}."}"""));
        }

        File.WriteAllText(Path.Combine(project, "with.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <DatasetOnly>true</DatasetOnly>
                <DatasetCachePath>{root}/cache</DatasetCachePath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DatasetBuild" Version="{packages.Version}" PrivateAssets="all" />
                <DatasetShard Include="data/*.jsonl" />
                <SelectorStage Include="ExactDedup" />
                <SelectorStage Include="TokenLength" Part="Response" Counter="Words" Min="3" />
              </ItemGroup>
            </Project>
            """);
        return project;
    }

    /// <summary>Microsoft.NET.Sdk and nothing else: no source file, no package.</summary>
    private static string WriteEmpty(string root)
    {
        var project = Directory.CreateDirectory(Path.Combine(root, "without")).FullName;
        File.WriteAllText(Path.Combine(project, "without.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
            </Project>
            """);
        return project;
    }

    private static void Stop(Dictionary<string, string> variables, string folder) =>
        Measurement.Run(folder, variables, ["dotnet", "build-server", "shutdown", "--msbuild"]);

    private static void Print(List<(Case Case, List<(Cost With, Cost Without)> Pairs)> results, bool asJson, string form, int runs)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(results.Select(result => new
            {
                name = result.Case.Name,
                runs = result.Pairs.Select(pair => new { with = pair.With, without = pair.Without }),
            })));
            return;
        }

        Console.WriteLine($"{runs} pairs, engine {form}; ms, median (range)\n");
        Console.WriteLine("| command | empty project | dataset, nothing changed | difference of a pair | of CPU time |\n|---|---:|---:|---:|---:|");
        foreach (var (@case, pairs) in results)
        {
            // What a server does is not in the account of the command that asks it.
            var cpu = @case.Server ? "" : Summary(pairs.Select(pair => pair.With.Cpu - pair.Without.Cpu));
            Console.WriteLine(
                $"| {@case.Name} | {Summary(pairs.Select(pair => pair.Without.Wall))} | {Summary(pairs.Select(pair => pair.With.Wall))} | {Summary(pairs.Select(pair => pair.With.Wall - pair.Without.Wall))} | {cpu} |");
        }
    }

    private static string Summary(IEnumerable<double> seconds) => Statistics.Summary([.. seconds.Select(value => 1000 * value)], "0");

    private sealed record Case(string Name, string[] Arguments, bool Server);
}
