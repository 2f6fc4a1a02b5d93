namespace DatasetBuild.Reporting;

/// <summary>One of two builds that are compared: its manifest, and where the verdicts of its shards stand, or only its subset.</summary>
internal sealed class ComparedSide
{
    private readonly Func<string, string>? verdictsOf;
    private readonly Func<ManifestOutput, IComparedRows>? openOutput;

    /// <summary>A build whose verdicts are known.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="verdictsOf">The full path of the verdicts of a shard.</param>
    public ComparedSide(Manifest manifest, Func<string, string> verdictsOf)
    {
        Manifest = manifest;
        this.verdictsOf = verdictsOf;
    }

    /// <summary>A build of which only the subset is known.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="openOutput">Opens the records of a file of the subset.</param>
    public ComparedSide(Manifest manifest, Func<ManifestOutput, IComparedRows> openOutput)
    {
        Manifest = manifest;
        this.openOutput = openOutput;
    }

    public Manifest Manifest { get; }

    public bool HasVerdicts => verdictsOf is not null;

    /// <summary>The names of the shards, or the paths of the output files.</summary>
    public IEnumerable<string> Sources => HasVerdicts ? Manifest.Inputs.Select(input => input.Path) : Manifest.Outputs.Select(output => output.Path);

    public string VerdictsOf(string shard) => verdictsOf!(shard);

    public IComparedRows Open(string source) =>
        HasVerdicts ? new VerdictRows(VerdictsOf(source)) : openOutput!(Manifest.Outputs.First(output => output.Path == source));
}
