namespace DatasetBuild.Tokenization;

/// <summary>
/// How long a text may become on its way. No normalizer or decoder of use makes a text many times longer, but a chain of replacements can double it
/// at each step.
/// </summary>
internal static class WorkLimit
{
    /// <param name="length">What the text has become so far, in bytes or characters.</param>
    /// <param name="original">What it was made from.</param>
    /// <exception cref="DatasetException">It is too long.</exception>
    public static void Check(long length, long original)
    {
        var limit = (1 << 20) + (64 * original);
        if (length > limit)
        {
            throw new DatasetException(
                TokenizerErrors.TooMuchWork,
                $"The tokenizer makes more than {limit} bytes out of a text of {original}. Is its normalizer, or its decoder, what it should be?");
        }
    }
}
