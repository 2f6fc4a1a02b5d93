using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The rating that models give a record (SelectIT, METHODS section 7.1): for each model the mean over the prompts, less the more they disagree; over the
/// models the weighted mean.
/// </summary>
/// <param name="models">For each model its weight and a pass for each prompt.</param>
/// <param name="form">How a rating is made of the probabilities of one pass.</param>
/// <param name="alpha">How much disagreement costs.</param>
internal sealed class RatingSource(IReadOnlyList<(double Weight, IReadOnlyList<RatingPass> Passes)> models, RatingForm form, double alpha) : IValueSource
{
    public IReadOnlyList<IScorer> Scorers => [.. models.SelectMany(model => model.Passes)];

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        ScoringFacts? facts = null;
        var passes = Scorers.Count;
        var ratings = new Ratings(context.Pool.Count);
        var weights = models.Sum(model => model.Weight);
        foreach (var (weight, prompts) in models)
        {
            ratings.Begin();
            foreach (var pass in prompts)
            {
                var asked = Read(context, pass, ratings);
                facts = facts?.And(asked) ?? asked;
            }

            foreach (var record in context.Entered)
            {
                scores.Value[record] += weight / weights * PassScores.SentenceRating(ratings.Mean[record], ratings.Squares[record] / prompts.Count, alpha);
            }
        }

        foreach (var record in context.Entered)
        {
            var state = ratings.Missing[record] != 0 ? ratings.Missing[record] : ratings.Passes[record] == passes ? Scores.HasValue : Scores.NotEntered;
            scores.Set(record, state, scores.Value[record]);
        }

        return facts.GetValueOrDefault();
    }

    private ScoringFacts Read(StageContext context, RatingPass pass, Ratings ratings) => StoredScores.Read(context, pass, (first, states, values) =>
    {
        Span<double> probabilities = stackalloc double[RatingPass.Scores];
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] == Scores.HasValue)
            {
                RatingPass.Read(values[(i * pass.Width)..], probabilities);
                ratings.Add(first + i, PassScores.TokenRating(probabilities, form));
            }
            else if (states[i] > Scores.HasValue)
            {
                ratings.Missing[first + i] = states[i];
            }
        }
    });

    /// <summary>Of each record the ratings so far, in 20 bytes: mean and sum of squared distances over the prompts of one model (Welford).</summary>
    private sealed class Ratings(int count)
    {
        private readonly byte[] prompts = new byte[count];

        public double[] Mean { get; } = new double[count];

        public double[] Squares { get; } = new double[count];

        /// <summary>How many passes have a value, over all models.</summary>
        public ushort[] Passes { get; } = new ushort[count];

        /// <summary>Why some pass has none, or 0.</summary>
        public byte[] Missing { get; } = new byte[count];

        /// <summary>The next model.</summary>
        public void Begin()
        {
            Array.Clear(prompts);
            Array.Clear(Mean);
            Array.Clear(Squares);
        }

        public void Add(int record, double rating)
        {
            Passes[record]++;
            var distance = rating - Mean[record];
            Mean[record] += distance / ++prompts[record];
            Squares[record] += distance * (rating - Mean[record]);
        }
    }
}
