using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Selection;

internal static class Seeds
{
    /// <summary>Seeds from the whole range: FsCheck's own integers stay small, and would give few different pools.</summary>
    public static Arbitrary<int> Any { get; } = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
}
