using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// A number that is made of one pass of a language model: its mean loss, say. With another form of it, or another limit, the same passes serve: no model runs.
/// </summary>
internal sealed class PassSource(LossPass pass, Func<PassValue, double> number) : IValueSource
{
    public IReadOnlyList<IScorer> Scorers => [pass];

    public ScoringFacts Fill(StageContext context, Scores scores) => StoredScores.Read(context, pass, (first, states, values) =>
    {
        for (var i = 0; i < states.Length; i++)
        {
            var value = states[i] == Scores.HasValue ? number(PassValue.Read(values[(i * PassValue.Size)..])) : 0;
            scores.Set(first + i, states[i], value);
        }
    });
}

/// <summary>A number that is made of two passes over the same record, and a rule of the method's own as to which records it leaves out.</summary>
/// <param name="first">One pass.</param>
/// <param name="second">The other.</param>
/// <param name="number">What is taken of each.</param>
/// <param name="combine">Makes the score of both.</param>
internal sealed class PassPairSource(LossPass first, LossPass second, Func<PassValue, double> number, Func<double, double, double> combine) : IValueSource
{
    public IReadOnlyList<IScorer> Scorers => [first, second];

    /// <summary>Says of what is taken of each pass, and of the score, whether the record is left out; null where none is.</summary>
    public Func<double, double, double, DropReason>? Filter { get; init; }

    /// <summary>Whether both passes must have seen the same tokens.</summary>
    public bool IsOfSameTokens { get; init; }

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        var (states, numbers) = (new byte[context.Pool.Count], new double[context.Pool.Count]);
        var counts = IsOfSameTokens ? new int[context.Pool.Count] : null;
        scores.Filtered = Filter is null ? null : new DropReason[context.Pool.Count];
        var facts = StoredScores.Read(context, first, (from, read, values) =>
        {
            for (var i = 0; i < read.Length; i++)
            {
                states[from + i] = read[i];
                if (read[i] == Scores.HasValue)
                {
                    var value = PassValue.Read(values[(i * PassValue.Size)..]);
                    numbers[from + i] = number(value);
                    counts?[from + i] = value.TokenCount;
                }
            }
        });
        facts = facts.And(StoredScores.Read(context, second, (from, read, values) =>
        {
            for (var i = 0; i < read.Length; i++)
            {
                if (read[i] == Scores.HasValue && states[from + i] == Scores.HasValue)
                {
                    Combine(from + i, PassValue.Read(values[(i * PassValue.Size)..]));
                }
                else if (read[i] > Scores.HasValue)
                {
                    scores.Set(from + i, read[i], 0);
                }
            }
        }));
        foreach (var record in context.Entered)
        {
            if (states[record] > Scores.HasValue)
            {
                scores.Set(record, states[record], 0);
            }
        }

        return facts;

        void Combine(int record, PassValue value)
        {
            var (one, other) = (numbers[record], number(value));
            if (counts is not null && counts[record] != value.TokenCount)
            {
                scores.Set(record, (byte)MissingReason.OtherTokens, 0);
                return;
            }

            scores.Set(record, Scores.HasValue, combine(one, other));
            if (scores.State[record] == Scores.HasValue && Filter is { } filter)
            {
                scores.Filtered![record] = filter(one, other, scores.Value[record]);
            }
        }
    }
}
