namespace DatasetBuild.Tests.Caching;

/// <summary>A folder of a test's own, and the warnings that it caused.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly List<Diagnostic> diagnostics = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("dsb-caching-").FullName;

    public IReadOnlyList<Diagnostic> Diagnostics
    {
        get
        {
            lock (diagnostics)
            {
                return [.. diagnostics];
            }
        }
    }

    public IEnumerable<string> Codes => Diagnostics.Select(diagnostic => diagnostic.Code);

    public string this[params string[] parts] => Path.Combine([Root, .. parts]);

    public void Warn(Diagnostic diagnostic)
    {
        lock (diagnostics)
        {
            diagnostics.Add(diagnostic);
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>A clock that a test moves.</summary>
public sealed class ManualTime : TimeProvider
{
    private DateTimeOffset now = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan by) => now += by;
}
