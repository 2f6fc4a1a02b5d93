using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>The values of one field: every record of what was accepted has one.</summary>
internal sealed class FieldColumnTarget : FuzzTarget
{
    private const int Count = 6;

    public override string Name => "field-column";

    public override int ShortRun => 40_000;

    public override IEnumerable<byte[]> Seeds()
    {
        var column = new FieldColumn(Count);
        yield return column.ToBytes();
        column[0] = new RawValue(RawKind.Number, 1.5, null);
        column[1] = new RawValue(RawKind.Text, 0, "a");
        column[2] = new RawValue(RawKind.Text, 0, "é");
        column[4] = new RawValue(RawKind.Text, 0, "a");
        yield return column.ToBytes();
    }

    public override string Run(byte[] input)
    {
        if (FieldColumn.FromBytes(input, Count) is not { } column)
        {
            return "none";
        }

        var kinds = new int[3];
        for (var i = 0; i < column.Count; i++)
        {
            kinds[(int)column[i].Kind]++;
            Checks.Holds(column[i].Kind != RawKind.Text || column[i].Text is not null, "a text is null");
        }

        return string.Join(' ', kinds);
    }
}
