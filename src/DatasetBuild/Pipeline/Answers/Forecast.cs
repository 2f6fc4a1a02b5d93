using DatasetBuild.Caching;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>What one stage of the next build has to do.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Entered">The records that enter.</param>
/// <param name="ToScore">Keys that are to be scored.</param>
/// <param name="Found">Records whose value is there, once for each scorer of the stage.</param>
/// <param name="FromShards">Those of them whose values stand with a shard that did not change.</param>
/// <param name="FromEarlierShards">Those of them whose values stand with what a changed shard was before; the others are looked up by key.</param>
/// <param name="Seconds">How long the scoring takes at the rates that earlier builds measured; null where none is known.</param>
public sealed record StageForecast(string Name, string Kind, int Entered, int ToScore, int Found, int FromShards, int FromEarlierShards, double? Seconds)
{
    /// <summary>
    /// Whether the figures are those of the next build. Otherwise a stage before has values yet to come, on which it depends who enters here: then these are
    /// the most there can be of records that enter and keys to score.
    /// </summary>
    public required bool IsExact { get; init; }

    /// <summary>Those whose values are looked up by key.</summary>
    public int FromStore => Found - FromShards - FromEarlierShards;
}

/// <summary>What the next build of a plan has to do, found out without doing it: no file changes, nor its stamps.</summary>
/// <param name="Records">The records of all shards.</param>
/// <param name="Parsed">How many of them are to be read anew.</param>
/// <param name="Stages">In order.</param>
public sealed record Forecast(int Records, int Parsed, IReadOnlyList<StageForecast> Stages)
{
    /// <exception cref="DatasetException">What stops the build would stop it too.</exception>
    /// <exception cref="BuildFailedException">The same, already reported.</exception>
    public static Forecast Of(Plan plan, IReadOnlyCollection<string> rescore, IBuildObserver observer, CancellationToken cancel, ILanguageModelLoader? models = null)
    {
        var again = Rescoring.Find(plan, rescore);
        var trial = new Trial();
        var analysis = Analysis.Index(new BuildSession(plan, observer, cancel, trial, models: models));
        trial.Forgotten.UnionWith(Rescoring.ScorersOf(analysis, again).Select(scorer => scorer.Identity));
        trial.Shared.UnionWith(analysis.Stages.SelectMany(stage => stage.Scorers).GroupBy(scorer => scorer.Identity).Where(uses => uses.Count() > 1).Select(uses => uses.Key));
        var history = ScoreHistory.Of(plan.CachePath);
        using var opened = analysis.Session.Models;
        var stages = new List<StageForecast>();
        var isExact = true;
        foreach (var stage in analysis.Stages)
        {
            cancel.ThrowIfCancellationRequested();
            var context = new StageContext(analysis.Session, analysis.Pool, analysis.Fates, stages.Count, analysis.Selected());
            stages.Add(Of(stage, context, history) with { IsExact = isExact });
            isExact &= !trial.TakeUnknown();
            if (isExact)
            {
                stage.Run(context);
            }
            else
            {
                stage.DropCertain(context);
                trial.TakeUnknown();
            }
        }

        return new Forecast(analysis.Pool.Count, analysis.Parsed, stages);
    }

    private static StageForecast Of(Stage stage, StageContext context, IReadOnlyDictionary<string, ScorerHistory> history)
    {
        ScoringFacts? known = null;
        double? seconds = 0;
        foreach (var scorer in stage.Scorers)
        {
            var asked = StoredScores.Read(context, scorer, (_, _, _) => { });
            known = known?.And(asked) ?? asked;
            if (asked.Scored > 0)
            {
                seconds += history.TryGetValue(scorer.Identity.Folder, out var past) && past.Use.Rate is { } rate ? asked.Scored / rate
                    : scorer is IModelScorer model ? new ModelScoring(context.Session, context.Pool, model).Estimate(context.Session.Trial!.ToScore)
                    : null;
            }
        }

        var facts = known.GetValueOrDefault();
        return new StageForecast(stage.Name, stage.Kind, context.Entered.Length, facts.Scored, facts.Cached, facts.FromShards, facts.FromEarlierShards, seconds) { IsExact = true };
    }
}
