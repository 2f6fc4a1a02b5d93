using DatasetBuild.Tasks;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>What a build starts: the program of machine code that lies beside the engine's assembly, or `dotnet` with that.</summary>
internal static class EngineCommand
{
    /// <summary>The program and its first arguments.</summary>
    /// <param name="assembly">The engine's assembly.</param>
    /// <param name="variables">An environment that takes instructions away from the runtime takes them from what chooses the program, too.</param>
    public static (string Program, string[] Arguments) Of(string assembly, IReadOnlyDictionary<string, string>? variables = null) =>
        variables?.Keys.Any(name => name.StartsWith("DOTNET_Enable", StringComparison.Ordinal)) != true && NativeEngine.Beside(assembly) is { } program
            ? (program, [])
            : ("dotnet", ["exec", assembly]);
}
