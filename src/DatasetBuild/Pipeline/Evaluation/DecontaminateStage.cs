using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What becomes of a record that shares words with an evaluation item.</summary>
internal enum ContaminationAction
{
    Drop,

    /// <summary>It stays, and is named in verdicts and counts.</summary>
    Mark,
}

/// <summary>
/// Drops or marks the records that share n words in a row with an evaluation item (METHODS: n-gram decontamination, section 12.5).
/// </summary>
internal sealed class DecontaminateStage(string name, string kind, ContaminationScorer scorer, EvaluationSet evaluation, ContaminationAction action, MissingPolicy missing)
    : Stage(name, kind)
{
    public const int DefaultN = 13;

    public EvaluationSet Evaluation => evaluation;

    public override IReadOnlyList<string> Identities => [scorer.Identity.Text];

    public override IReadOnlyList<IScorer> Scorers => [scorer];

    public static Stage Make(StageRequest request)
    {
        var parameters = request.Parameters;
        if (request.Plan.Evaluation.Count == 0)
        {
            throw parameters.Fail(
                ProjectCodes.NoEvaluation,
                $"stage '{request.Name}' has nothing to compare with. Name the evaluation files, as in <DatasetEvaluation Include=\"eval/test.jsonl\" Fields=\"question\" />, or reference a dataset with OutputItemType=\"DatasetEvaluation\".");
        }

        var n = parameters.Integer("N", DefaultN, PhraseIndex.MinN, PhraseIndex.MaxN);
        var part = parameters.Enum("Part", Part.Record);
        var action = parameters.Enum("Action", ContaminationAction.Drop);
        var missing = parameters.Enum("Missing", MissingPolicy.Drop);
        var evaluation = request.Evaluation.Value;
        return evaluation.Words.WordCount > 0
            ? new DecontaminateStage(request.Name, request.Kind, new ContaminationScorer(evaluation.Words, n, part), evaluation, action, missing) { Parameters = request.Declared }
            : throw parameters.Fail(ProjectCodes.NoEvaluation, $"stage '{request.Name}' has nothing to compare with: {NoWord(request.Plan)}. Get it again, or look at its Fields.");
    }

    private static string NoWord(Plan plan)
    {
        var first = plan.Display(plan.Evaluation[0].FullPath);
        return plan.Evaluation.Count == 1 ? $"DatasetEvaluation '{first}' holds no word" : $"none of {plan.Evaluation.Count} files of DatasetEvaluation, the first of them '{first}', holds a word";
    }

    public override StageOutcome Run(StageContext context)
    {
        var scores = new Scores(context.Pool.Count);
        var found = new SharedByRecord(evaluation);
        var facts = Read(context, scores, found);
        var marked = 0;
        foreach (var record in context.Entered)
        {
            if (scores.State[record] != Scores.HasValue)
            {
                MissingValues.Handle(context, record, scores.State[record], missing);
            }
            else if (scores.Value[record] > 0 && action == ContaminationAction.Drop)
            {
                context.Fates.Drop(record, context.Number, DropReason.Contaminated);
            }
            else if (scores.Value[record] > 0)
            {
                marked++;
            }
        }

        return new StageOutcome(facts, scores, []) { Matches = found, Marked = action == ContaminationAction.Mark ? marked : null };
    }

    public override void DropCertain(StageContext context)
    {
        var scores = new Scores(context.Pool.Count);
        Read(context, scores, null);
        foreach (var record in context.Entered)
        {
            if (scores.State[record] > Scores.HasValue && missing == MissingPolicy.Drop)
            {
                context.Fates.Drop(record, context.Number, DropReason.Missing);
            }
            else if (scores.Value[record] > 0 && action == ContaminationAction.Drop)
            {
                context.Fates.Drop(record, context.Number, DropReason.Contaminated);
            }
        }
    }

    /// <summary>The number of shared words of each record that entered, and which they are.</summary>
    private ScoringFacts Read(StageContext context, Scores scores, SharedByRecord? found) => StoredScores.Read(context, scorer, (first, states, values) =>
    {
        states.CopyTo(scores.State.AsSpan(first));
        for (var i = 0; i < states.Length; i++)
        {
            var shared = SharedWords.Read(values[(i * SharedWords.Size)..]);
            if (states[i] == Scores.HasValue && shared.Length > 0)
            {
                scores.Value[first + i] = shared.Length;
                found?.Add(first + i, shared);
            }
        }
    });
}
