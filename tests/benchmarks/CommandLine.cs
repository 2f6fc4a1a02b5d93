namespace DatasetBuild.Benchmarks;

internal static class CommandLine
{
    public static string? Option(string[] options, string name)
    {
        var at = Array.IndexOf(options, name);
        return at >= 0 && at + 1 < options.Length ? options[at + 1] : null;
    }
}
