using System.Buffers;
using System.Runtime.InteropServices;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Scoring;

/// <summary>What stands before a response when its loss is taken.</summary>
public enum PassCondition
{
    /// <summary>The conversation up to it: log p(y | x).</summary>
    Conditioned,

    /// <summary>Nothing but what begins an answer: log p(y).</summary>
    Alone,
}

/// <summary>
/// One pass of a language model over a record: the losses of its responses, summed up as a <see cref="PassValue"/>. The scores that stages select by are made
/// of such passes, so that one pass serves many of them.
/// </summary>
public sealed class LossPass : IModelScorer
{
    private readonly OpenedModels models;
    private readonly ModelFiles files;
    private readonly ChatTemplate template;
    private readonly ITokenizer tokenizer;
    private readonly EncodingOptions options;
    private readonly PassCondition condition;
    private long tokensFed;

    public LossPass(OpenedModels models, ModelFiles files, ChatTemplate template, ITokenizer tokenizer, EncodingOptions options, PassCondition condition)
    {
        (this.models, this.files, this.template, this.tokenizer, this.condition) = (models, files, template, tokenizer, condition);

        // What begins a response alone must not part a conditioned pass from the others that are like it.
        this.options = condition == PassCondition.Alone ? options : options with { AlonePrefix = null };
        Identity = ScorerIdentity.Of([
            ("scorer", "LossPass"), ("version", "1"), ("condition", condition.ToString()), ("model", "sha256:" + files.Digest), ("numerics", models.NumericsContract),

            // Where no length is declared, it is the model's, and all the same counts what becomes of a longer record.
            ("context", options.MaxLength is null ? $"{options.Side} {options.TooLong}" : "declared"),
            .. new ConversationEncoder(template, tokenizer, this.options).Identity,
        ]);
    }

    public ScorerIdentity Identity { get; }

    public int Width => PassValue.Size;

    public string Pass => condition == PassCondition.Alone ? $"{files.Name}, response alone" : files.Name;

    public long TokensFed => Interlocked.Read(ref tokensFed);

    public void Open() => OpenModel(out _);

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states, CancellationToken cancellation)
    {
        var model = OpenModel(out var encoder);
        var tokens = new TokenBatch();
        var weights = new List<float>();
        var truncated = new List<bool>();
        Encode(batch, encoder, model, tokens, weights, truncated, states);
        var losses = ArrayPool<float>.Shared.Rent(tokens.TokenCount);
        try
        {
            if (tokens.TokenCount > 0)
            {
                model.TokenLosses(tokens, losses.AsSpan(0, tokens.TokenCount), cancellation);
            }

            for (int i = 0, sequence = 0; i < batch.Count; i++)
            {
                if (states[i] == 0)
                {
                    var (start, length) = (tokens.Start(sequence), tokens.Length(sequence));
                    var value = PassValue.Of(losses.AsSpan(start, length), CollectionsMarshal.AsSpan(weights).Slice(start, length), truncated[sequence++]);
                    states[i] = StateOf(value);
                    if (states[i] == 1)
                    {
                        value.Write(values[(i * PassValue.Size)..]);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(losses);
        }

        files.RefuseChanged();
        Interlocked.Add(ref tokensFed, tokens.TokenCount);
    }

    private static byte StateOf(PassValue value) =>
        value.TokenCount == 0 ? (byte)MissingReason.NoSupervisedToken : double.IsFinite(value.LossSum) ? (byte)1 : (byte)MissingReason.NotFinite;

    /// <summary>Lays the records' tokens end to end; those that have none for good get their reason.</summary>
    private void Encode(ConversationBatch batch, ConversationEncoder encoder, ILanguageModel model, TokenBatch tokens, List<float> weights, List<bool> truncated, Span<byte> states)
    {
        var encoded = new EncodedConversation();
        var read = new List<bool>();
        for (var i = 0; i < batch.Count; i++)
        {
            if ((condition == PassCondition.Alone ? encoder.EncodeAlone(batch[i], encoded) : encoder.Encode(batch[i], encoded)) is { } reason)
            {
                states[i] = (byte)reason;
                continue;
            }

            ModelTokens.RefuseUnknown(CollectionsMarshal.AsSpan(encoded.Ids), model, files);
            read.Clear();
            for (var position = 0; position < encoded.Ids.Count; position++)
            {
                read.Add(position > 0 && encoded.Weights[position] != 0);
            }

            tokens.Add(CollectionsMarshal.AsSpan(encoded.Ids), CollectionsMarshal.AsSpan(read));
            weights.AddRange(encoded.Weights);
            truncated.Add(encoded.IsTruncated);
        }
    }

    /// <summary>The model, and an encoder that gives it nothing that is longer than its context: without a declared length, that is the greatest.</summary>
    private ILanguageModel OpenModel(out ConversationEncoder encoder)
    {
        var model = models.Open(files);
        var limit = ModelTokens.Limit(options.MaxLength, model, files);
        encoder = new ConversationEncoder(template, tokenizer, limit < int.MaxValue ? options with { MaxLength = limit } : options);
        return model;
    }
}
