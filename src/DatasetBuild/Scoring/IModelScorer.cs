namespace DatasetBuild.Scoring;

/// <summary>A scorer that asks a language model: one record is much work, so that its batches are made by time and not by number.</summary>
public interface IModelScorer : IScorer
{
    /// <summary>What is asked of which model, for people: <c>models/base</c>, <c>models/base, response alone</c>.</summary>
    string Pass { get; }

    /// <summary>How many tokens the model was fed so far, over all calls.</summary>
    long TokensFed { get; }

    /// <summary>Opens the model, where that was not done before: what it costs is no part of a rate.</summary>
    /// <exception cref="DatasetException">The model cannot be used, or its files are not those that the identity names.</exception>
    void Open();

    /// <summary>As <see cref="IScorer.Score(ConversationBatch, Span{byte}, Span{byte})"/>, with the wish to stop looked at on the way.</summary>
    void Score(ConversationBatch batch, Span<byte> values, Span<byte> states, CancellationToken cancellation);

    void IScorer.Score(ConversationBatch batch, Span<byte> values, Span<byte> states) => Score(batch, values, states, CancellationToken.None);
}
