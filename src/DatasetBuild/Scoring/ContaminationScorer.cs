using System.Buffers;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// The first words of a part that stand in an evaluation item too, as <see cref="PhraseIndex"/> finds them in each of its texts by itself; a
/// <see cref="SharedWords"/> of length 0 where there are none. The words of the evaluation items are part of the identity, their files and lines are not.
/// </summary>
internal sealed class ContaminationScorer(EvaluationWords items, int n, Part part) : IScorer
{
    private readonly Lazy<PhraseIndex> index = new(() => new PhraseIndex(items, n));

    public ScorerIdentity Identity { get; } = ScorerIdentity.Of(
        ("scorer", "Contamination"),
        ("version", "1"),
        ("part", part.ToString()),
        ("n", n.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("words", FoldedWords.Identity),
        ("evaluation", Convert.ToHexStringLower(items.Digest)));

    public int Width => SharedWords.Size;

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states)
    {
        var scratch = new ArrayBufferWriter<byte>();
        for (var i = 0; i < batch.Count; i++)
        {
            var conversation = batch[i];
            if (!conversation.Has(part))
            {
                states[i] = PartScoring.WhyMissing(conversation);
                continue;
            }

            foreach (var text in conversation.Texts(part))
            {
                if (index.Value.Find(FoldedWords.Of(text, scratch)) is { Length: > 0 } shared)
                {
                    shared.Write(values[(i * SharedWords.Size)..]);
                    break;
                }
            }

            states[i] = 1;
        }
    }
}
