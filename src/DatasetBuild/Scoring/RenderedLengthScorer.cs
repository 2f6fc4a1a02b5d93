using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Scoring;

/// <summary>
/// The number of tokens that training sees of a part: of the whole rendered conversation (<see cref="Part.Record"/>), of what is supervised in it, end tokens
/// included (<see cref="Part.Response"/>, <see cref="Part.LastResponse"/>), or of what is not (<see cref="Part.Prompt"/>).
/// </summary>
public sealed class RenderedLengthScorer : IScorer
{
    private readonly ConversationEncoder encoder;
    private readonly Part part;

    public RenderedLengthScorer(ChatTemplate template, ITokenizer tokenizer, Part part, string? date)
    {
        this.part = part;
        encoder = new ConversationEncoder(template, tokenizer, new EncodingOptions { Part = part == Part.LastResponse ? Part.LastResponse : Part.Response, Date = date });
        Identity = ScorerIdentity.Of([("scorer", "RenderedLength"), ("version", "1"), ("part", part.ToString()), .. encoder.Identity]);
    }

    public ScorerIdentity Identity { get; }

    public int Width => sizeof(double);

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states)
    {
        var encoded = new EncodedConversation();
        for (var i = 0; i < batch.Count; i++)
        {
            var missing = Length(batch[i], encoded, out var length);
            states[i] = missing is { } reason ? (byte)reason : (byte)1;
            BinaryPrimitives.WriteDoubleLittleEndian(values[(i * sizeof(double))..], missing is null ? length : 0);
        }
    }

    private MissingReason? Length(Conversation conversation, EncodedConversation encoded, out int length)
    {
        length = 0;
        if (!conversation.Has(part))
        {
            return (MissingReason)PartScoring.WhyMissing(conversation);
        }

        var supervised = 0;
        if (part != Part.Record && conversation.AssistantTurnCount > 0)
        {
            var missing = encoder.Encode(conversation, encoded);
            if (missing is not (null or MissingReason.NoSupervisedToken or MissingReason.EmptyResponse))
            {
                return missing;
            }

            // An empty response is one, of length 0.
            supervised = missing is null ? encoded.Weights.Count(weight => weight != 0) : 0;
        }

        if (part is Part.Response or Part.LastResponse)
        {
            length = supervised;
            return null;
        }

        var refused = encoder.Count(conversation, encoded, out var all);
        length = all - supervised;
        return refused;
    }
}
