namespace DatasetBuild.Tests;

/// <summary>A folder of its own for one test, gone when the test is.</summary>
/// <param name="parent">Where it lies; null: among the system's temporary files.</param>
internal sealed class ScratchFolder(string? parent = null) : IDisposable
{
    public string Root { get; } = parent is null
        ? Directory.CreateTempSubdirectory("datasetbuild-test-").FullName
        : Directory.CreateDirectory(Path.Combine(parent, $"datasetbuild-test-{Guid.NewGuid():N}")).FullName;

    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
