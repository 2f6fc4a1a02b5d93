namespace DatasetBuild.Selection;

/// <summary>
/// One stage's scores, by record number: a value where <see cref="State"/> is <see cref="HasValue"/>, otherwise the permanent reason why there is
/// none; records that did not enter the stage have the state 0. Values are finite.
/// </summary>
public sealed class Scores(int count)
{
    public const byte NotEntered = 0;
    public const byte HasValue = 1;

    public double[] Value { get; } = new double[count];

    public byte[] State { get; } = new byte[count];
}
