namespace DatasetBuild.Tests.Tokenization;

/// <summary>Small files that live as long as the test process.</summary>
internal static class TemporaryFile
{
    private static readonly string Folder = Directory.CreateTempSubdirectory("datasetbuild-tests-").FullName;
    private static int _count;

    static TemporaryFile() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    public static string With(string content, string? name = null) => With(System.Text.Encoding.UTF8.GetBytes(content), name);

    public static string With(byte[] content, string? name = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, $"{Interlocked.Increment(ref _count)}"));
        var path = Path.Combine(folder.FullName, name ?? "file");
        File.WriteAllBytes(path, content);
        return path;
    }
}
