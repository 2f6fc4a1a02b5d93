using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Selects by a number: limits, a band, the best ranked; for all records or for each group.</summary>
internal sealed class ValueStage(string name, string kind, IValueSource source, ValueRule rule, string? groupBy, IScorer? tokenCost)
    : Stage(name, kind)
{
    public override IReadOnlyList<string> Identities => tokenCost is null ? source.Identities : [.. source.Identities, tokenCost.Identity.Text];

    public override IReadOnlyList<IScorer> Scorers => tokenCost is null ? source.Scorers : [.. source.Scorers, tokenCost];

    public override StageOutcome Run(StageContext context)
    {
        var scores = new Scores(context.Pool.Count);
        var facts = source.Fill(context, scores);
        int[]? groupOf = null;
        var groupNames = new List<string>();
        if (groupBy is not null)
        {
            groupOf = ReadGroups(context, scores, groupNames);
        }

        MissingValues.WarnIfNone(context, this, scores.State);
        if (rule.Missing == MissingPolicy.Fail)
        {
            foreach (var record in context.Entered)
            {
                if (scores.State[record] != Scores.HasValue)
                {
                    MissingValues.Handle(context, record, scores.State[record], MissingPolicy.Fail);
                }
            }
        }

        Scores? tokens = null;
        if (tokenCost is not null)
        {
            tokens = new Scores(context.Pool.Count);
            var counted = new ScorerSource(tokenCost).Fill(context, tokens);
            facts = source.Scorers.Count > 0 ? facts.And(counted) : counted;
        }

        var cuts = ValueSelector.Apply(rule, context.Number, context.Entered, scores, groupOf, groupNames, tokens, context.Pool.Keys, context.Fates);
        WarnOfShortGroups(context, cuts);
        return new StageOutcome(facts, scores, cuts);
    }

    public override void DropCertain(StageContext context)
    {
        var scores = new Scores(context.Pool.Count);
        source.Fill(context, scores);
        var known = Array.FindAll(context.Entered, record => scores.State[record] != Scores.NotEntered);

        // A rank depends on who else enters, a limit does not.
        var limits = rule with { Keep = null, Band = null, Missing = rule.Missing == MissingPolicy.Drop ? MissingPolicy.Drop : MissingPolicy.Keep };
        ValueSelector.Apply(limits, context.Number, known, scores, null, null, null, context.Pool.Keys, context.Fates);
    }

    private int[] ReadGroups(StageContext context, Scores scores, List<string> names)
    {
        var groupOf = new int[context.Pool.Count];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        FieldReader.Read(context, groupBy!, context.Entered, (record, value) =>
        {
            if (value.Label is not { } label)
            {
                scores.State[record] = (byte)MissingReason.NoGroup;
                return;
            }

            lock (numbers)
            {
                if (!numbers.TryGetValue(label, out var number))
                {
                    number = numbers[label] = names.Count;
                    names.Add(label);
                }

                groupOf[record] = number;
            }
        });
        return groupOf;
    }

    private void WarnOfShortGroups(StageContext context, List<GroupCut> cuts)
    {
        if (rule.Keep is not Keep.Records(var count))
        {
            return;
        }

        const int MostNamed = 3;
        var shortCuts = cuts.Where(cut => cut.Kept < count && cut.Kept > 0).ToList();
        if (shortCuts.Count == 0)
        {
            return;
        }

        var named = string.Join(", ", shortCuts.Take(MostNamed).Select(cut => $"'{cut.Group}' with {cut.Kept}")) + (shortCuts.Count > MostNamed ? ", …" : "");
        context.Session.Report(context.Session.Plan.LocationOf(Name).Say(
            Severity.Warning,
            DataCodes.KeepAboveEntered,
            shortCuts[0].Group is null
                ? $"the stage '{Name}' is to keep {count} records, but only {shortCuts[0].Kept} entered with a value inside the limits: all of them stay."
                : $"the stage '{Name}' is to keep {count} records of each group, but in {shortCuts.Count} of {cuts.Count} groups fewer entered with a value inside the limits ({named}): all of those stay."));
    }
}
