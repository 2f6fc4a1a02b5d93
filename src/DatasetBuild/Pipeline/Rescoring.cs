namespace DatasetBuild.Pipeline;

/// <summary>
/// <c>--rescore STAGE</c>: drops what is stored of the stage's scorers for the records of this project, all of its records and no others. A cache is shared: the
/// scores of other projects' records may be dear, and nobody asked about them. A stage of this project with the same scorer scores them anew too. What is
/// dropped stays dropped, should the build be stopped: the next one scores what is left.
/// </summary>
public static class Rescoring
{
    /// <summary>The stages' numbers.</summary>
    /// <param name="plan">The project.</param>
    /// <param name="names">Names of stages; <c>project/stage</c> means the stage of the project of that name, and nothing in others.</param>
    /// <exception cref="DatasetException">There is no such stage.</exception>
    public static IReadOnlyList<int> Find(Plan plan, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            return [];
        }

        var found = new SortedSet<int>();
        foreach (var name in names)
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var isOurs = slash > 0 && name[..slash].Equals(plan.ProjectName, StringComparison.OrdinalIgnoreCase);
            if (NumberOf(plan, isOurs ? name[(slash + 1)..] : name) is { } number)
            {
                found.Add(number);
            }
            else if (isOurs || slash <= 0)
            {
                throw Unknown(plan, isOurs ? name[(slash + 1)..] : name);
            }
        }

        return [.. found];
    }

    /// <summary>The scorers of the stages.</summary>
    /// <exception cref="DatasetException">One of the stages stores no scores.</exception>
    internal static IEnumerable<Scoring.IScorer> ScorersOf(Analysis analysis, IReadOnlyList<int> stages)
    {
        foreach (var stage in stages.Select(number => analysis.Stages[number]))
        {
            if (stage.Scorers.Count == 0)
            {
                throw new DatasetException(
                    ProjectCodes.UnknownStage,
                    $"the stage '{stage.Name}' stores no scores: what it selects by is read in every build. Leave it out of what is to be scored again.",
                    analysis.Session.Plan.Project);
            }
        }

        return stages.SelectMany(number => analysis.Stages[number].Scorers).DistinctBy(scorer => scorer.Identity);
    }

    internal static void Forget(Analysis analysis, IReadOnlyList<int> stages)
    {
        if (stages.Count == 0)
        {
            return;
        }

        var scorers = ScorersOf(analysis, stages).ToList();

        // Whatever stops this build, the next one must not find that there is nothing to do.
        File.Delete(LastBuild.PathIn(analysis.Session.Plan.StatePath));
        var keys = DistinctKeys(analysis.Pool);
        foreach (var scorer in scorers)
        {
            using var table = analysis.Session.Store.Open(scorer.Identity, scorer.Width);
            table.Forget(keys);
        }
    }

    /// <summary>The keys of a pool, ascending, each once.</summary>
    internal static Records.RecordKey[] DistinctKeys(Pool pool)
    {
        var sorted = Array.ConvertAll(Records.KeyOrder.Of(pool.Keys), record => pool.Keys[record]);
        var count = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (count == 0 || sorted[count - 1] != sorted[i])
            {
                sorted[count++] = sorted[i];
            }
        }

        return sorted[..count];
    }

    private static int? NumberOf(Plan plan, string name)
    {
        for (var i = 0; i < plan.Stages.Count; i++)
        {
            if (plan.Stages[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return null;
    }

    private static DatasetException Unknown(Plan plan, string name)
    {
        var names = plan.Stages.Select(stage => stage.Name).ToList();
        var hint = Spelling.Nearest(name, names) is { } nearest ? $"Did you mean {nearest}?" : names.Count == 0 ? "It has none." : $"It has {string.Join(", ", names)}.";
        return new DatasetException(ProjectCodes.UnknownStage, $"the project has no stage '{name}' to score again. {hint}", plan.Project);
    }
}
