using DatasetBuild.Records;

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

    /// <summary>Why a record is left out whatever its value is, where the method itself has such a rule; null where it has none.</summary>
    public DropReason[]? Filtered { get; set; }

    /// <summary>Notes a record's value; one that is not finite is none.</summary>
    public void Set(int record, byte state, double value)
    {
        var isValue = state == HasValue && double.IsFinite(value);
        State[record] = state == HasValue && !isValue ? (byte)MissingReason.NotFinite : state;
        Value[record] = isValue ? value : 0;
    }
}
