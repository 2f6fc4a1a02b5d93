using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Keeps one of all records with equal content. Without a scorer the content is the whole record, and its key is the hash.</summary>
internal sealed class DedupStage(string name, string kind, IScorer? hash, MissingPolicy missing) : Stage(name, kind)
{
    public override IReadOnlyList<string> Identities => hash is null ? [] : [hash.Identity.Text];

    public override IReadOnlyList<IScorer> Scorers => hash is null ? [] : [hash];

    public override StageOutcome Run(StageContext context)
    {
        if (hash is null)
        {
            DuplicateSelector.Apply(context.Number, context.Entered, context.Pool.Keys, context.Pool.Priorities, context.Fates);
            return new StageOutcome(default, null, []);
        }

        var hashOf = new RecordKey[context.Pool.Count];
        var state = new byte[context.Pool.Count];
        var facts = StoredScores.Read(context, hash, (first, states, values) =>
        {
            states.CopyTo(state.AsSpan(first));
            for (var i = 0; i < states.Length; i++)
            {
                hashOf[first + i] = states[i] == Scores.HasValue ? RecordKey.Read(values[(RecordKey.Size * i)..]) : default;
            }
        });

        var hashed = new List<int>();
        foreach (var record in context.Entered)
        {
            if (state[record] == Scores.HasValue)
            {
                hashed.Add(record);
            }
            else
            {
                MissingValues.Handle(context, record, state[record], missing);
            }
        }

        DuplicateSelector.Apply(context.Number, [.. hashed], hashOf, context.Pool.Priorities, context.Fates);
        return new StageOutcome(facts, null, []) { States = state };
    }

    public override void DropCertain(StageContext context)
    {
        if (hash is not null && missing == MissingPolicy.Drop)
        {
            MissingValues.DropStored(context, hash);
        }
    }
}
