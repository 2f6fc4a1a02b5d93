namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>One way in which a build can go wrong through no fault of its own.</summary>
internal abstract class Fault
{
    /// <summary>As the table of a campaign names it.</summary>
    public abstract string Name { get; }

    /// <summary>How often it comes, beside the others.</summary>
    public abstract int Weight { get; }

    /// <summary>Lets it happen to a build of a world that has something to build, checks what must hold at once and after the next build, and tells where it struck.</summary>
    /// <param name="world">The project.</param>
    /// <param name="random">All its choices.</param>
    /// <param name="about">Names the trial in failures.</param>
    /// <returns>The kind of place where it struck: a word or two.</returns>
    public abstract string Strike(FaultWorld world, Random random, string about);
}
