using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Keeps the records whose field has one of the declared values.</summary>
internal sealed class MembershipStage(string name, string kind, string fieldName, IReadOnlyCollection<string> values, MissingPolicy missing)
    : Stage(name, kind)
{
    private readonly HashSet<string> texts = new(values, StringComparer.Ordinal);
    private readonly HashSet<double> numbers = [.. values.Select(ParseNumber).OfType<double>()];

    public override IReadOnlyList<string> Identities => [$"scorer=Field\nfield={fieldName}\nversion=1\n"];

    public override StageOutcome Run(StageContext context)
    {
        var states = new byte[context.Pool.Count];
        FieldReader.Read(context, fieldName, context.Entered, (record, value) =>
        {
            states[record] = value.Kind == RawKind.None ? (byte)MissingReason.NoField : Scores.HasValue;
            if (value.Kind == RawKind.None)
            {
                MissingValues.Handle(context, record, states[record], missing);
            }
            else if (!Holds(value))
            {
                context.Fates.Drop(record, context.Number, DropReason.NotIn);
            }
        });
        MissingValues.WarnIfNone(context, this, states);
        return new StageOutcome(default, null, []) { States = states };
    }

    public override void DropCertain(StageContext context) => FieldReader.Read(context, fieldName, context.Entered, (record, value) =>
    {
        if (value.Kind != RawKind.None ? !Holds(value) : missing == MissingPolicy.Drop)
        {
            context.Fates.Drop(record, context.Number, value.Kind == RawKind.None ? DropReason.Missing : DropReason.NotIn);
        }
    });

    private bool Holds(RawValue value) => value.Kind == RawKind.Number ? numbers.Contains(value.Number) : texts.Contains(value.Text!);

    private static double? ParseNumber(string text) =>
        double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
