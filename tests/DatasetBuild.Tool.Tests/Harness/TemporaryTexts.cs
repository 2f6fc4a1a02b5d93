using System.Text.Json;

namespace DatasetBuild.Tool.Tests.Harness;

/// <summary>A JSON array of texts in a file of its own.</summary>
internal sealed class TemporaryTexts : IDisposable
{
    public TemporaryTexts(IEnumerable<object> texts) => File.WriteAllText(Path, JsonSerializer.Serialize(texts));

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
