using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>A numeric field of the raw record.</summary>
internal sealed class FieldSource(string name) : IValueSource
{
    public IReadOnlyList<string> Identities => [$"scorer=Field\nfield={name}\nversion=1\n"];

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        FieldReader.Read(context, name, context.Entered, (record, value) =>
        {
            scores.Value[record] = value.Number;
            scores.State[record] = value.Kind switch
            {
                RawKind.Number => Scores.HasValue,
                RawKind.Text => (byte)MissingReason.NotANumber,
                _ => (byte)MissingReason.NoField,
            };
        });
        return default;
    }
}
