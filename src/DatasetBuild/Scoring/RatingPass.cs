using System.Buffers.Binary;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// One pass of a language model that rates a record (SelectIT, METHODS section 7.1): the probabilities of the tokens 1 to 5 behind a rating prompt, the
/// instruction and the response. Which of them are summed up how is no part of a pass.
/// </summary>
public sealed class RatingPass : IModelScorer
{
    /// <summary>The scores that a model can give, from 1.</summary>
    public const int Scores = 5;

    private readonly OpenedModels models;
    private readonly ModelFiles files;
    private readonly ITokenizer tokenizer;
    private readonly string prompt;
    private readonly int number;
    private readonly Part part;
    private readonly int? maxLength;
    private readonly int[] digits;
    private long tokensFed;

    /// <param name="models">Opens the model.</param>
    /// <param name="files">The model.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="prompt">The rating prompt, without its line break.</param>
    /// <param name="number">Its number, from 1, for people.</param>
    /// <param name="part"><see cref="Part.Response"/> or <see cref="Part.LastResponse"/>: what is rated.</param>
    /// <param name="maxLength">A record of more tokens is not rated; null: the model's context.</param>
    /// <exception cref="DatasetException">The tokenizer has no tokens for the digits (DSB3081).</exception>
    public RatingPass(OpenedModels models, ModelFiles files, ITokenizer tokenizer, string prompt, int number, Part part, int? maxLength)
    {
        (this.models, this.files, this.tokenizer, this.prompt, this.number, this.part, this.maxLength) = (models, files, tokenizer, prompt, number, part, maxLength);
        digits = [.. Enumerable.Range(1, Scores).Select(digit => IdOf(digit, tokenizer, files))];
        Identity = ScorerIdentity.Of(
            ("scorer", "RatingPass"), ("version", "1"), ("model", "sha256:" + files.Digest), ("numerics", models.NumericsContract), ("tokenizer", tokenizer.Identity),
            ("part", part.ToString()), ("prompt", prompt), ("digits", string.Join(' ', digits)), ("maxLength", maxLength is { } length ? FormattableString.Invariant($"{length}") : "model"));
    }

    public ScorerIdentity Identity { get; }

    /// <summary>Five float32, little-endian.</summary>
    public int Width => Scores * sizeof(float);

    public string Pass => FormattableString.Invariant($"{files.Name}, prompt {number}");

    public long TokensFed => Interlocked.Read(ref tokensFed);

    public void Open() => ModelTokens.Limit(maxLength, models.Open(files), files);

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states, CancellationToken cancellation)
    {
        var model = models.Open(files);
        var limit = ModelTokens.Limit(maxLength, model, files);
        var tokens = new TokenBatch();
        for (var i = 0; i < batch.Count; i++)
        {
            if (!batch[i].Has(part))
            {
                states[i] = PartScoring.WhyMissing(batch[i]);
                continue;
            }

            int[] ids = [.. tokenizer.EncodeText(TextOf(batch[i]), addSpecialTokens: true).Ids];
            if (ids.Length > limit)
            {
                states[i] = (byte)MissingReason.TooLong;
                continue;
            }

            ModelTokens.RefuseUnknown(ids, model, files);
            tokens.Add(ids, new bool[ids.Length]);
        }

        var probabilities = new float[tokens.Count * Scores];
        if (tokens.Count > 0)
        {
            model.NextTokenProbabilities(tokens, digits, probabilities, cancellation);
        }

        for (int i = 0, sequence = 0; i < batch.Count; i++)
        {
            if (states[i] == 0)
            {
                states[i] = Keep(probabilities.AsSpan(sequence++ * Scores, Scores), values.Slice(i * Width, Width));
            }
        }

        files.RefuseChanged();
        Interlocked.Add(ref tokensFed, tokens.TokenCount);
    }

    /// <summary>The probabilities of a stored value.</summary>
    public static void Read(ReadOnlySpan<byte> value, Span<double> probabilities)
    {
        for (var i = 0; i < Scores; i++)
        {
            probabilities[i] = BinaryPrimitives.ReadSingleLittleEndian(value[(i * sizeof(float))..]);
        }
    }

    /// <summary>The text that is rated: the authors' layout, in which a rating prompt keeps its line break.</summary>
    internal string TextOf(Conversation conversation) =>
        $"{prompt}\n\nInstruction:{Texts(conversation, isResponse: false)}\nResponse:{Texts(conversation, isResponse: true)}\nThe answer is: \n";

    /// <summary>The texts of the response, or of all turns before it; one a line.</summary>
    private string Texts(Conversation conversation, bool isResponse)
    {
        var text = new StringBuilder();
        int assistants = 0, last = conversation.AssistantTurnCount;
        foreach (var turn in conversation)
        {
            assistants += turn.Role == Role.Assistant ? 1 : 0;
            var isRated = turn.Role == Role.Assistant && (part == Part.Response || assistants == last);
            if (isRated != isResponse || (part == Part.LastResponse && !isRated && assistants == last))
            {
                continue;
            }

            var parts = turn.GetEnumerator();
            while (parts.MoveNext())
            {
                text.Append(text.Length > 0 ? "\n" : "").Append(Encoding.UTF8.GetString(parts.Text));
            }
        }

        return text.ToString();
    }

    private static byte Keep(ReadOnlySpan<float> probabilities, Span<byte> value)
    {
        float sum = 0;
        for (var i = 0; i < Scores; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(value[(i * sizeof(float))..], probabilities[i]);
            sum += probabilities[i];
        }

        if (float.IsFinite(sum) && sum > 0)
        {
            return 1;
        }

        // So improbable that nothing is left of them: no rating.
        value.Clear();
        return (byte)MissingReason.NotFinite;
    }

    /// <summary>The token that a digit is where the answer begins, behind a line break.</summary>
    private static int IdOf(int digit, ITokenizer tokenizer, ModelFiles files)
    {
        var tokens = new List<Token>();
        var text = FormattableString.Invariant($"\n{digit}");
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
        return tokens.Count > 0 && tokens[^1] is { Start: 1, End: 2 } token ? token.Id : throw new DatasetException(
            PassCodes.NoDigits, $"the tokenizer has no token of its own for the digit {digit} behind a line break, so that the model cannot rate by one. Rate with another model.", files.Folder);
    }
}
