using System.Collections;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// The plan that MSBuild came to, kept for as long as it would come to the same, so that a question need not start MSBuild. A wrong memory is worse than a
/// slow answer: a plan is remembered only where everything that it may follow from is known and can be compared.
/// <list type="bullet">
/// <item>Under one key: the engine, the project, what the command line says, the current folder, and all variables of the environment but those of the shell's own housekeeping.</item>
/// <item>By their stamps: the project and all files that it imports, global.json, NuGet's and MSBuild's own configuration files.</item>
/// <item>By whether they exist: such files in every folder above, what a condition asks for, and every path that is a property's value.</item>
/// <item>By the names in them: the folders that patterns walk, and those in which SDKs are installed.</item>
/// </list>
/// Nothing is remembered of a project whose own files have targets, tasks, references to other projects, or functions that read files, clocks or registries.
/// What lies inside an installed SDK or an unpacked package is taken not to change in place. What cannot be seen: a file written without any change of its stamp.
/// </summary>
internal sealed class RememberedPlan
{
    /// <summary>Variables that a shell changes by itself. A project that reads one is not remembered.</summary>
    public static readonly string[] Fleeting = ["_", "OLDPWD", "PWD", "SHLVL", "COLUMNS", "LINES"];

    private const string Kind = "evaluation";
    private const int Version = 1;
    private const int MaxBytes = 64 << 20;

    private readonly ProjectRequest request;
    private readonly byte[] key;
    private readonly DerivedData data = new(UserFolders.Cache, _ => { });

    public RememberedPlan(ProjectRequest request)
    {
        this.request = request;
        key = KeyOf(request);
    }

    /// <summary>The plan, if it is remembered and nothing has changed.</summary>
    public byte[]? Find()
    {
        if (!data.TryRead(Kind, Version, key, out var payload, MaxBytes))
        {
            return null;
        }

        using (payload)
        {
            return Read(payload.Span.ToArray());
        }
    }

    /// <summary>The plan that <see cref="Write"/> put down, if nothing has changed since; null as well where the bytes do not fit together.</summary>
    internal static byte[]? Read(byte[] kept)
    {
        try
        {
            using var bytes = new MemoryStream(kept);
            using var reader = new BinaryReader(bytes, Encoding.UTF8);
            var inputs = EvaluationInputs.Read(reader);

            // The plan goes to the end: a length that says otherwise is believed by nobody.
            return reader.ReadInt32() == bytes.Length - bytes.Position && inputs.AreUnchanged() ? kept[(int)bytes.Position..] : null;
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    internal static byte[] Write(EvaluationInputs inputs, byte[] plan)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            inputs.Write(writer);
            writer.Write(plan.Length);
            writer.Write(plan);
        }

        return memory.ToArray();
    }

    /// <summary>Starts to watch, before MSBuild evaluates the project.</summary>
    public Watch Start() => new(this);

    private static byte[] KeyOf(ProjectRequest request)
    {
        var text = new StringBuilder();
        text.AppendJoin('\0', [EngineVersion.Build, request.File, Environment.CurrentDirectory, .. request.BuildArguments]);
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Where(variable => !Fleeting.Contains((string)variable.Key));
        foreach (var variable in variables.OrderBy(variable => (string)variable.Key, StringComparer.Ordinal))
        {
            text.Append('\0').Append(variable.Key).Append('=').Append(variable.Value);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>From before an evaluation until after it: what changes in between was perhaps not seen by it.</summary>
    internal sealed class Watch(RememberedPlan memory)
    {
        private readonly long startNs = FileStamp.NowNs();
        private readonly DateTime start = DateTime.UtcNow.AddMilliseconds(-20);
        private readonly string[] before = [.. Around(memory.request).Where(Path.Exists)];

        /// <summary>Remembers a plan. Returns why that cannot be done, or null.</summary>
        /// <param name="log">What the logger wrote of the evaluation.</param>
        /// <param name="plan">The plan that was written.</param>
        public string? Keep(string log, byte[] plan)
        {
            if (!File.Exists(log) || Evaluation.ReadAll(log) is not [var evaluation] || evaluation.Imports.Count == 0)
            {
                return "MSBuild evaluated more than this project, or did not tell what it read";
            }

            var inputs = new EvaluationInputs { Private = Path.GetDirectoryName(evaluation.Property("_DatasetPlanFile")) is { Length: > 0 } own ? own : memory.request.File };
            if (Gather(evaluation, inputs) is { } reason)
            {
                return reason;
            }

            if (!Around(memory.request).Where(Path.Exists).SequenceEqual(before) || inputs.AnyFolderChangedSince(start))
            {
                return "something changed while MSBuild looked";
            }

            memory.data.Write(Kind, Version, memory.key, Write(inputs, plan));
            return null;
        }

        private static IEnumerable<string> Around(ProjectRequest request) => Surroundings.Of(Path.GetDirectoryName(request.File)!, Environment.CurrentDirectory);

        private string? Gather(Evaluation evaluation, EvaluationInputs inputs)
        {
            foreach (var file in evaluation.Imports.Append(evaluation.Project).Concat(before.Where(File.Exists)))
            {
                if (!inputs.AddFile(file, startNs))
                {
                    return $"{file} changed just now";
                }
            }

            foreach (var place in Around(memory.request).Concat(PathsIn(evaluation)))
            {
                inputs.AddPlace(place);
            }

            // A new SDK, a workload, an extension of MSBuild, what restore wrote for the project.
            var (dotnet, extensions) = (evaluation.Property("NetCoreRoot"), evaluation.Property("MSBuildProjectExtensionsPath"));
            foreach (var folder in (string[])[Path.Combine(dotnet, "sdk"), Path.Combine(dotnet, "sdk-manifests"), extensions, evaluation.Folder])
            {
                if (!inputs.AddFolder(Path.GetFullPath(folder), deep: false))
                {
                    return $"the folder {folder} is too large to look at";
                }
            }

            var user = evaluation.Property("MSBuildUserExtensionsPath").Replace('\\', '/');
            inputs.AddPlace(user);
            return Directory.Exists(user) ? "the user has extensions of MSBuild" : new ProjectScan(evaluation, inputs).Run(OwnFiles(evaluation));
        }

        /// <summary>The SDK asks in many places whether a file is there whose path is a property's value, for the user to hook on.</summary>
        private static IEnumerable<string> PathsIn(Evaluation evaluation) =>
            evaluation.Properties.Values.Where(value => value.Length is > 1 and < 1024 && Path.IsPathFullyQualified(value) && value.IndexOfAny([';', '*', '?', '\n', '\0']) < 0);

        /// <summary>The files that the user wrote: neither the SDK's nor ours, and of packages only those that have to do with data sets.</summary>
        private static List<string> OwnFiles(Evaluation evaluation)
        {
            var packages = $"{evaluation.Property("NuGetPackageFolders")};{evaluation.Property("NuGetPackageRoot")}".Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var ours = Path.GetDirectoryName(evaluation.Property("_DatasetTargetsFile")) ?? "";
            var generated = Path.Combine(evaluation.Property("MSBuildProjectExtensionsPath"), Path.GetFileName(evaluation.Project) + ".nuget.g.");
            return [.. evaluation.Imports.Append(evaluation.Project).Where(IsOwn)];

            bool IsOwn(string file)
            {
                if (Lies(file, evaluation.Property("NetCoreRoot")) || file.StartsWith(generated, StringComparison.Ordinal) || Lies(file, ours))
                {
                    return false;
                }

                return packages.FirstOrDefault(folder => Lies(file, folder)) is not { } root
                    || (Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0].ToLowerInvariant() is not ("datasetbuild" or "datasetbuild.sdk")
                        && File.ReadAllText(file) is var text && (text.Contains("Dataset", StringComparison.OrdinalIgnoreCase) || text.Contains("SelectorStage", StringComparison.OrdinalIgnoreCase)));
            }

            static bool Lies(string file, string folder) => folder.Length > 0 && file.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        }
    }
}
