namespace DatasetBuild.Selection;

/// <summary>Why a stage dropped a record.</summary>
public enum DropReason : byte
{
    None = 0,

    /// <summary>An earlier (or preferred) record has the same content.</summary>
    Duplicate,
    BelowMin,
    AboveMax,

    /// <summary>Ranked behind those that <c>Keep</c> takes.</summary>
    NotKept,
    OutsideBand,

    /// <summary>The field's value is not among those of <c>In</c>.</summary>
    NotIn,

    /// <summary>The record has no score, for a permanent reason, and the stage drops such records.</summary>
    Missing,

    /// <summary>Outside <c>Filter</c>.</summary>
    Filtered,

    /// <summary>The initial model's loss is below <c>MinInitialLoss</c>: it knows the record already.</summary>
    LowInitialLoss,

    /// <summary>The reference model's loss is above <c>MaxReferenceLoss</c>: training does not teach it the record.</summary>
    HighReferenceLoss,

    /// <summary>The record shares words with an evaluation item.</summary>
    Contaminated,

    /// <summary>An earlier (or preferred) record resembles it.</summary>
    NearDuplicate,
}

public static class DropReasons
{
    public static string Describe(DropReason reason) => reason switch
    {
        DropReason.Duplicate => "duplicate",
        DropReason.BelowMin => "below Min",
        DropReason.AboveMax => "above Max",
        DropReason.NotKept => "behind Keep",
        DropReason.OutsideBand => "outside Band",
        DropReason.NotIn => "not in In",
        DropReason.Missing => "missing",
        DropReason.Filtered => "outside Filter",
        DropReason.LowInitialLoss => "below MinInitialLoss",
        DropReason.HighReferenceLoss => "above MaxReferenceLoss",
        DropReason.Contaminated => "contaminated",
        DropReason.NearDuplicate => "near duplicate",
        _ => "kept",
    };
}

/// <summary>
/// What has become of each record of the pool so far: 6 bytes a record. Records are named by their number in canonical order.
/// </summary>
public sealed class Fates(int count)
{
    private static readonly int Reasons = Enum.GetValues<DropReason>().Length;

    private readonly byte[] stage = new byte[count];
    private readonly DropReason[] reason = new DropReason[count];
    private int[]? twin;

    public int Count { get; } = count;

    /// <summary>How many records no stage has dropped.</summary>
    public int Kept => stage.AsSpan().Count((byte)0);

    /// <summary>For a stretch of records, the number of the stage that dropped each, from 1; 0 for those that are kept.</summary>
    public ReadOnlySpan<byte> DropsIn(int first, int length) => stage.AsSpan(first, length);

    /// <summary>For a stretch of records, why each was dropped.</summary>
    public ReadOnlySpan<DropReason> ReasonsIn(int first, int length) => reason.AsSpan(first, length);

    /// <summary>The number of the stage that dropped the record, from 0, or -1 where it is kept.</summary>
    public int DroppedBy(int record) => stage[record] - 1;

    public DropReason Reason(int record) => reason[record];

    /// <summary>The record that survives in the place of this duplicate, or -1; a record of the base goes by its number there behind all records of the pool.</summary>
    public int Twin(int record) => reason[record] is DropReason.Duplicate or DropReason.NearDuplicate ? twin![record] : -1;

    /// <summary>How many records a stage dropped for each <see cref="DropReason"/>.</summary>
    public int[] CountReasons(int stageNumber)
    {
        var counts = new int[Reasons];
        var number = (byte)(stageNumber + 1);
        for (var i = 0; i < stage.Length; i++)
        {
            if (stage[i] == number)
            {
                counts[(int)reason[i]]++;
            }
        }

        return counts;
    }

    public void Drop(int record, int stageNumber, DropReason why)
    {
        stage[record] = checked((byte)(stageNumber + 1));
        reason[record] = why;
    }

    public void DropDuplicate(int record, int stageNumber, int survivor, DropReason why = DropReason.Duplicate)
    {
        Drop(record, stageNumber, why);
        (twin ??= new int[Count])[record] = survivor;
    }
}
