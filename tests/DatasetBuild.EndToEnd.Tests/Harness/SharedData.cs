namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Data too large for this repository, in a folder beside it. Whoever has only the repository skips its tests; a CI run must have it.</summary>
internal static class SharedData
{
    public static string Folder(string name)
    {
        var folder = Path.GetFullPath(Path.Combine(Built.Repository, "..", "shared", "data", name));
        if (!Directory.Exists(folder))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"'{folder}' is not there");
            Assert.Fail($"'{folder}' is not there, and a CI run needs it.");
        }

        return folder;
    }
}
