using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;

namespace DatasetBuild.Tool.Answers;

/// <summary>What scoring a sample of a cache's records again found, with the projects that the records were taken from.</summary>
/// <param name="Size">How many were asked for.</param>
/// <param name="Seed">What chose them.</param>
/// <param name="Projects">The project files of those whose records could be scored.</param>
/// <param name="WithoutPlan">How many known projects have no plan any more, since their intermediate folder was cleaned, or cannot be read.</param>
/// <param name="Scorers">What was found of each scorer.</param>
internal sealed record CacheSample(int Size, long Seed, IReadOnlyList<string> Projects, int WithoutPlan, IReadOnlyList<ScorerCheck> Scorers)
{
    private const int MostShown = 20;

    public IEnumerable<ScoreDifference> Differences => Scorers.SelectMany(scorer => scorer.Differences);

    private long Unreachable => Scorers.Sum(scorer => scorer.Stored - scorer.Reachable);

    /// <param name="folder">The cache.</param>
    /// <param name="project">The one project whose records are taken; null: all that the cache knows.</param>
    /// <param name="size">How many records.</param>
    /// <param name="seed">What chooses them.</param>
    /// <param name="screen">Shows how far it is.</param>
    /// <param name="cancel">The wish to stop.</param>
    public static CacheSample Take(string folder, Plan? project, int size, long seed, Screen screen, CancellationToken cancel)
    {
        var known = project is null ? KnownProject.All(folder).Where(other => other.IsThere).ToList() : [];
        var plans = project is null ? known.Select(PlanOf).OfType<Plan>().ToList() : [project];
        var skipped = new List<Plan>();
        var scorers = Watching.Run(screen, (IBuildObserver observer) => ScoreCheck.Run(
            folder,
            plans,
            size,
            seed,
            project is not null ? null : (plan, why) =>
            {
                skipped.Add(plan);
                screen.Say($"{Visible.Of(Paths.Short(plan.Project))} is left out: {Visible.Of(why)}", Verbosity.Minimal);
            },
            observer,
            cancel,
            Engines.Models));
        return new CacheSample(
            size, seed, [.. plans.Except(skipped).Select(plan => plan.Project).Distinct(StringComparer.Ordinal)], Math.Max(0, known.Count - plans.Count) + skipped.Count, scorers);
    }

    public void Show(Screen screen)
    {
        var differences = Differences.ToList();
        foreach (var difference in differences.Take(MostShown))
        {
            screen.Report(new Diagnostic(
                Severity.Error,
                CacheCodes.WrongScore,
                $"{IdentityText.Describe(difference.Identity)}: of the record {difference.Key}, {difference.Stored} is stored, and scoring it again gives {difference.Again}. "
                + $"`dotnet dataset build {Path.GetFileName(difference.Project)} --rescore {difference.Stage}` makes the scores again.",
                difference.Shard,
                difference.Line,
                1));
        }

        if (differences.Count > MostShown)
        {
            screen.Say($"These are the first {MostShown} of {Numbers.Count(differences.Count)} differences. `--json` lists them all.", Verbosity.Minimal);
        }

        var table = Tables.Of(Column.Prose("scores of"), Column.Number("stored"), Column.Number("sampled"), Column.Number("equal"), Column.Number("different"));
        foreach (var scorer in Scorers)
        {
            table.Add(IdentityText.Describe(scorer.Identity), Numbers.Count(scorer.Stored), Numbers.Count(scorer.Sampled), Numbers.Count(scorer.Equal), Numbers.Count(scorer.Differences.Count));
        }

        if (Scorers.Count > 0)
        {
            screen.Output.WriteTable(table);
        }

        screen.Output.Line($"scored {Numbers.Count(Scorers.Sum(scorer => scorer.Sampled))} again, of {Numbers.Counted(Projects.Count, "project")}; --seed {Seed} takes the same ones");
        if (Unreachable > 0)
        {
            screen.Output.Line($"{Numbers.Counted(Unreachable, "score")} cannot be scored again: no project that was looked at has the record or the scorer");
        }

        if (WithoutPlan > 0)
        {
            screen.Output.Line($"{Numbers.Counted(WithoutPlan, "known project")} cannot be looked at: not built since it was cleaned, or not readable");
        }
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("sample");
        json.WriteNumber("size", Size);
        json.WriteNumber("seed", Seed);
        json.WriteTexts("projects", Projects);
        json.WriteNumber("projectsWithoutPlan", WithoutPlan);
        json.WriteNumber("unreachable", Unreachable);
        json.WriteStartArray("scorers");
        foreach (var scorer in Scorers)
        {
            json.WriteStartObject();
            json.WriteString("identity", scorer.Folder);
            json.WriteString("description", IdentityText.Describe(scorer.Identity));
            json.WriteNumber("stored", scorer.Stored);
            json.WriteNumber("reachable", scorer.Reachable);
            json.WriteNumber("sampled", scorer.Sampled);
            json.WriteNumber("equal", scorer.Equal);
            json.WriteStartArray("different");
            foreach (var difference in scorer.Differences)
            {
                json.WriteStartObject();
                json.WriteString("project", difference.Project);
                json.WriteString("stage", difference.Stage);
                json.WriteString("key", difference.Key.ToString());
                json.WriteString("shard", difference.Shard);
                json.WriteNumber("line", difference.Line);
                json.WriteString("stored", difference.Stored);
                json.WriteString("again", difference.Again);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Plan? PlanOf(KnownProject project)
    {
        try
        {
            return Plan.Load(LastBuild.PlanPathIn(project.StatePath));
        }
        catch (DatasetException)
        {
            return null;
        }
    }
}
