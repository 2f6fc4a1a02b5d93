namespace DatasetBuild.Scoring;

/// <summary>
/// A decoder-only causal language model on whatever device. What it answers for a sequence depends on that sequence alone: not on the others in the batch,
/// their order, or the number of threads. Thread-safe; one call may use all of a device.
/// </summary>
public interface ILanguageModel : IDisposable
{
    /// <summary>Names the arithmetic: two models with one contract and equal files give equal bits (<c>cpu-f32-v1</c>). Part of every scorer's identity.</summary>
    string NumericsContract { get; }

    /// <summary>One more than the highest id that the model knows.</summary>
    int VocabularySize { get; }

    /// <summary>The longest sequence that the model can be given, in tokens; <see cref="int.MaxValue"/> where its positions have no end.</summary>
    int MaxLength { get; }

    /// <summary>The width of a hidden state.</summary>
    int HiddenSize { get; }

    /// <summary>The negative log-likelihood of each wanted token given those before it in its own sequence.</summary>
    /// <param name="batch">n tokens in all.</param>
    /// <param name="losses">n values, in nats, from 0 upwards; NaN where a token is not wanted or is the first of its sequence. A loss that is not finite stays so.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <exception cref="ArgumentException">An id outside the vocabulary, or a sequence above <see cref="MaxLength"/>.</exception>
    void TokenLosses(TokenBatch batch, Span<float> losses, CancellationToken cancellation);

    /// <summary>The mean over the wanted tokens of each sequence of the hidden states behind the last norm.</summary>
    /// <param name="batch">m sequences.</param>
    /// <param name="states">m x <see cref="HiddenSize"/> values; NaN for a sequence without a wanted token.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    void PooledStates(TokenBatch batch, Span<float> states, CancellationToken cancellation);

    /// <summary>How likely each candidate is as the token that follows a sequence, among the whole vocabulary.</summary>
    /// <param name="batch">m sequences of one token or more.</param>
    /// <param name="candidates">k ids.</param>
    /// <param name="probabilities">m x k values in [0, 1].</param>
    /// <param name="cancellation">Looked at between layers.</param>
    void NextTokenProbabilities(TokenBatch batch, ReadOnlySpan<int> candidates, Span<float> probabilities, CancellationToken cancellation);
}

/// <summary>Opens language models: the tool hands one to the library, which knows no device.</summary>
public interface ILanguageModelLoader
{
    /// <summary>The arithmetic of the models that it opens, known before any is opened; see <see cref="ILanguageModel.NumericsContract"/>.</summary>
    string NumericsContract { get; }

    /// <summary>Opens a model folder in Hugging Face's layout (<c>config.json</c>, <c>*.safetensors</c>).</summary>
    /// <param name="folder">Its full path.</param>
    /// <param name="threads">At most so many threads work for the model.</param>
    /// <exception cref="DatasetException">The folder does not hold a model that can be computed exactly as it is (DSB3xxx).</exception>
    ILanguageModel Open(string folder, int threads);
}
