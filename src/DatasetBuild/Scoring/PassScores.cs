namespace DatasetBuild.Scoring;

/// <summary>How <see cref="PassScores.Ifd"/> compares the response with and without its prompt.</summary>
public enum IfdForm
{
    /// <summary>The ratio of the perplexities (Superfiltering, METHODS section 6).</summary>
    PerplexityRatio,

    /// <summary>The ratio of the mean losses (Cherry LLM, METHODS section 5).</summary>
    LossRatio,
}

/// <summary>How <see cref="PassScores.Learnability"/> compares two models.</summary>
public enum LearnabilityForm
{
    /// <summary>(L_initial - L_reference) / L_initial.</summary>
    Normalized,

    /// <summary>L_initial - L_reference, which favours long responses.</summary>
    Raw,
}

/// <summary>How a rating is made of the probabilities of 1 to 5.</summary>
public enum RatingForm
{
    /// <summary>As the paper says.</summary>
    Paper,

    /// <summary>As the authors' code does, which puts the normalised probabilities through a softmax once more.</summary>
    Reference,
}

/// <summary>
/// Scores that are made of passes. What is not defined (a division by 0, or more than a number holds) is no finite number: the caller counts it as missing.
/// Every function gives the same bits on every machine.
/// </summary>
public static class PassScores
{
    /// <summary>exp of the mean loss.</summary>
    public static double Perplexity(double meanLoss) => Exponential.Of(meanLoss);

    /// <summary>Instruction-following difficulty: how little the prompt helps with the response (METHODS, sections 5 and 6).</summary>
    /// <param name="conditioned">Mean loss given the prompt.</param>
    /// <param name="alone">Mean loss without it.</param>
    /// <param name="form">How they are compared.</param>
    public static double Ifd(double conditioned, double alone, IfdForm form) =>
        form == IfdForm.LossRatio ? conditioned / alone : Exponential.Of(conditioned - alone);

    /// <summary>How much of its loss a model loses by training on the data (LoBaSS, METHODS section 10).</summary>
    /// <param name="initial">Mean loss under the model before.</param>
    /// <param name="reference">Mean loss under the one after.</param>
    /// <param name="form">How they are compared.</param>
    public static double Learnability(double initial, double reference, LearnabilityForm form) =>
        form == LearnabilityForm.Raw ? initial - reference : (initial - reference) / initial;

    /// <summary>The rating behind one prompt (SelectIT's token level): the likeliest score, times how far it stands out.</summary>
    /// <param name="probabilities">Those of the scores from 1; their sum is above 0.</param>
    /// <param name="form">The paper's way or the code's.</param>
    public static double TokenRating(ReadOnlySpan<double> probabilities, RatingForm form)
    {
        Span<double> shares = stackalloc double[probabilities.Length];
        Normalize(probabilities, shares);
        if (form == RatingForm.Reference)
        {
            for (var i = 0; i < shares.Length; i++)
            {
                shares[i] = Exponential.Of(shares[i]);
            }

            Normalize(shares, shares);
        }

        var best = 0;
        for (var i = 1; i < shares.Length; i++)
        {
            best = shares[i] > shares[best] ? i : best;
        }

        double distance = 0;
        foreach (var share in shares)
        {
            distance += shares[best] - share;
        }

        return (best + 1) * distance / (shares.Length - 1);
    }

    /// <summary>The rating of several prompts together (SelectIT's sentence level): their mean, less the more they disagree.</summary>
    /// <param name="mean">The mean over the prompts.</param>
    /// <param name="variance">The population variance over them.</param>
    /// <param name="alpha">How much disagreement costs.</param>
    public static double SentenceRating(double mean, double variance, double alpha) => mean / (1 + (alpha * Math.Sqrt(variance)));

    private static void Normalize(ReadOnlySpan<double> values, Span<double> shares)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        for (var i = 0; i < values.Length; i++)
        {
            shares[i] = values[i] / sum;
        }
    }
}
