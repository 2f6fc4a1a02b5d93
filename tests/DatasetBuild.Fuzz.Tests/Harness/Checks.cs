namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>What targets ask of what they read.</summary>
internal static class Checks
{
    public static void Holds(bool condition, string promise)
    {
        if (!condition)
        {
            throw new FuzzFailure(promise, null);
        }
    }

    /// <summary>Whether a text is one of our codes.</summary>
    public static bool IsCode(string code, char group) => code.Length == 7 && code.StartsWith("DSB", StringComparison.Ordinal) && code[3] == group && code[4..].All(char.IsAsciiDigit);

    /// <summary>A number in the coarse steps in which outcomes differ.</summary>
    public static int Bucket(long count) => count <= 3 ? (int)count : 3 + (int)Math.Log2(count);
}
