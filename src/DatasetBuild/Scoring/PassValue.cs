using System.Buffers.Binary;

namespace DatasetBuild.Scoring;

/// <summary>
/// What is kept of one pass of a language model over one record: enough for every score that is made of its losses (METHODS, section 0). Stored as
/// <see cref="Size"/> bytes, little-endian.
/// </summary>
/// <param name="LossSum">The sum over the supervised tokens that were predicted of weight times negative log-likelihood, in nats.</param>
/// <param name="WeightSum">The sum of their weights: their number, where no turn has a loss weight of its own.</param>
/// <param name="FirstLoss">The loss of the response's first token, in nats; NaN where nothing stands before it that could predict it.</param>
/// <param name="FirstWeight">The weight of that token.</param>
/// <param name="TokenCount">How many tokens were predicted and supervised.</param>
/// <param name="IsTruncated">Whether tokens were cut off.</param>
public readonly record struct PassValue(double LossSum, double WeightSum, float FirstLoss, float FirstWeight, int TokenCount, bool IsTruncated)
{
    /// <summary>Bytes of a stored value.</summary>
    public const int Size = 32;

    /// <summary>The mean loss, in nats; NaN where there is no token.</summary>
    public double Mean => LossSum / WeightSum;

    /// <summary>The same without the response's first token, which a tokenizer without a beginning-of-sequence token cannot predict of a response alone.</summary>
    public double MeanWithoutFirst => float.IsNaN(FirstLoss) ? Mean : (LossSum - ((double)FirstWeight * FirstLoss)) / (WeightSum - FirstWeight);

    /// <summary>Sums up one sequence.</summary>
    /// <param name="losses">n losses, in nats; the first is not looked at.</param>
    /// <param name="weights">n weights, 0 for a token that is not supervised.</param>
    /// <param name="isTruncated">Whether tokens were cut off.</param>
    public static PassValue Of(ReadOnlySpan<float> losses, ReadOnlySpan<float> weights, bool isTruncated)
    {
        double lossSum = 0, weightSum = 0;
        var count = 0;
        var first = weights.IndexOfAnyExcept(0f);
        for (var i = 1; i < losses.Length; i++)
        {
            if (weights[i] != 0)
            {
                lossSum += (double)weights[i] * losses[i];
                weightSum += weights[i];
                count++;
            }
        }

        return first > 0
            ? new PassValue(lossSum, weightSum, losses[first], weights[first], count, isTruncated)
            : new PassValue(lossSum, weightSum, float.NaN, 0, count, isTruncated);
    }

    public static PassValue Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]),
        BinaryPrimitives.ReadSingleLittleEndian(bytes[16..]),
        BinaryPrimitives.ReadSingleLittleEndian(bytes[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
        bytes[28] != 0);

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, LossSum);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[8..], WeightSum);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[16..], FirstLoss);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[20..], FirstWeight);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], TokenCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[28..], IsTruncated ? 1 : 0);
    }
}
