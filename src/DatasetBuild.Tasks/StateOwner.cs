using System.Text.Json;

namespace DatasetBuild.Tasks;

/// <summary>
/// Two projects in one folder share obj/ and bin/ unless they say otherwise: each would take the other's subset for its own and replace it.
/// </summary>
internal static class StateOwner
{
    /// <summary>The project that has its state in <paramref name="statePath"/> and is not <paramref name="project"/>; null if there is none.</summary>
    /// <remarks>A project that was renamed, and a folder that was copied or moved together with its obj/, leave a plan that speaks of what is not there.</remarks>
    public static string? OtherThan(string project, string planFile, string statePath)
    {
        // A question's plan has a name of its own, and the state belongs to whom the built plan names.
        var built = Path.Combine(Path.GetDirectoryName(planFile)!, "plan.json");
        try
        {
            if (!File.Exists(built))
            {
                return null;
            }

            using var plan = JsonDocument.Parse(File.ReadAllBytes(built));
            var owner = plan.RootElement.Text("project");
            return owner != project && plan.RootElement.Text("statePath") == statePath && File.Exists(owner) ? owner : null;
        }
        catch (Exception error) when (error is JsonException or IOException or InvalidOperationException)
        {
            return null; // a plan that cannot be read belongs to nobody, and is written anew
        }
    }

    public static string Complaint(string owner, string statePath) =>
        $"'{owner}' keeps its state in '{statePath}' too: projects in one folder share obj/ and bin/, and would replace each other's subset. " +
        "Give each a folder of its own, or set UseArtifactsOutput in a Directory.Build.props.";
}
