using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Keeps one of all records with equal content. Without a scorer the content is the whole record, and its key is the hash.</summary>
internal sealed class DedupStage(string name, string kind, IScorer? hash, MissingPolicy missing) : Stage(name, kind)
{
    public override IReadOnlyList<string> Identities => hash is null ? [] : [hash.Identity.Text];

    public override IReadOnlyList<IScorer> Scorers => hash is null ? [] : [hash];

    public override bool UsesBase => true;

    public override StageOutcome Run(StageContext context)
    {
        if (hash is null)
        {
            DropDuplicates(context, DedupOrder.Of(context.Pool, context.Entered), null);
            return new StageOutcome(default, null, []);
        }

        var hashOf = new RecordKey[context.Pool.Count + (context.Pool.Base?.Count ?? 0)];
        var state = new byte[hashOf.Length];
        var facts = Read(context, hash, 0, hashOf, state);
        if (context.OfBase() is { } known)
        {
            Read(known, hash, context.Pool.Count, hashOf, state);
        }

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

        DropDuplicates(context, DedupOrder.Of(context.Pool, [.. hashed]).Where(number => state[number] == Scores.HasValue), hashOf);
        return new StageOutcome(facts, null, []) { States = state[..context.Pool.Count] };
    }

    public override void DropCertain(StageContext context)
    {
        if (hash is not null && missing == MissingPolicy.Drop)
        {
            MissingValues.DropStored(context, hash);
        }
    }

    private static ScoringFacts Read(StageContext context, IScorer hash, int firstNumber, RecordKey[] hashOf, byte[] state) =>
        StoredScores.Read(context, hash, (first, states, values) =>
        {
            states.CopyTo(state.AsSpan(firstNumber + first));
            for (var i = 0; i < states.Length; i++)
            {
                hashOf[firstNumber + first + i] = states[i] == Scores.HasValue ? RecordKey.Read(values[(RecordKey.Size * i)..]) : default;
            }
        });

    /// <summary>Of the base all stay; without hashes the records' keys decide.</summary>
    private static void DropDuplicates(StageContext context, DedupOrder order, RecordKey[]? hashOf) =>
        DuplicateSelector.Find(order.Numbers, hashOf ?? order.Keys, (number, first) =>
        {
            if (number < context.Pool.Count)
            {
                context.Fates.DropDuplicate(number, context.Number, first);
            }
        });
}
