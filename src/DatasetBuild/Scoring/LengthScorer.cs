using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// The length of a part, in the counter's units: the sum over its texts, each counted by itself (several assistant turns add up).
/// Shen 2024 (arXiv 2402.06094) and Zhao et al. 2024 (arXiv 2402.04833) rank by it. An empty response has length 0.
/// </summary>
public sealed class LengthScorer(ITextCounter counter, Part part) : IScorer
{
    public ScorerIdentity Identity { get; } = ScorerIdentity.Of(("scorer", "Length"), ("version", "1"), ("part", part.ToString()), ("counter", counter.Identity));

    public int Width => sizeof(double);

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var conversation = batch[i];
            if (!conversation.Has(part))
            {
                states[i] = PartScoring.WhyMissing(conversation);
                continue;
            }

            long length = 0;
            foreach (var text in conversation.Texts(part))
            {
                length += counter.Count(text);
            }

            BinaryPrimitives.WriteDoubleLittleEndian(values[(i * sizeof(double))..], length);
            states[i] = 1;
        }
    }
}

internal static class PartScoring
{
    public static byte WhyMissing(Conversation conversation) => (byte)(conversation.IsRawText ? MissingReason.RawText : MissingReason.NoAssistantTurn);
}
