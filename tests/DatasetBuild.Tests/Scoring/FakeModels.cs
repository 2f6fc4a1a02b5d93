using System.Globalization;
using System.Text;
using DatasetBuild.Scoring;
using DatasetBuild.Tests.Pipeline;

namespace DatasetBuild.Tests.Scoring;

/// <summary>
/// Opens models whose loss of a token is a plain function of the token, of the one before it and of the number that their weight file holds. Counts what
/// it was asked.
/// </summary>
internal sealed class FakeModels : ILanguageModelLoader
{
    private readonly Lock gate = new();

    public string NumericsContract { get; init; } = "fake-v1";

    public int MaxLength { get; init; } = 4096;

    public List<string> Opened { get; } = [];

    /// <summary>The number of sequences of each call.</summary>
    public List<int> Calls { get; } = [];

    public int Sequences => Calls.Sum();

    /// <summary>Looks at each batch before it is scored; may throw.</summary>
    public Action<TokenBatch>? OnCall { get; set; }

    /// <summary>Replaces a loss.</summary>
    public Func<int, float, float>? Bend { get; init; }

    public ILanguageModel Open(string folder, int threads)
    {
        lock (gate)
        {
            Opened.Add(Path.GetFileName(folder));
        }

        return new Model(this, int.Parse(File.ReadAllText(Path.Combine(folder, "model.safetensors")), CultureInfo.InvariantCulture));
    }

    /// <summary>A model's folder: its number, and a tokenizer of bytes.</summary>
    public static void Write(TestProject project, string folder, int number, string tokenizer = "")
    {
        project.Write($"{folder}/config.json", "{}");
        project.Write($"{folder}/model.safetensors", number.ToString(CultureInfo.InvariantCulture));
        project.Write($"{folder}/tokenizer.json", TinyTokenizer.Json(tokenizer));
    }

    public static float Loss(int number, int before, int token) => (((before * 31) + (token * 17) + (number * 7)) % 23 + 1) / 8f;

    /// <summary>The mean loss of a text that follows another, of which each byte is a token: their ids are in the order of the tokenizer's vocabulary.</summary>
    public static double Mean(int number, string text, string before)
    {
        var bytes = Encoding.UTF8.GetBytes(before + text);
        double sum = 0;
        var count = 0;
        for (var i = Math.Max(1, Encoding.UTF8.GetByteCount(before)); i < bytes.Length; i++)
        {
            sum += Loss(number, bytes[i - 1], bytes[i]);
            count++;
        }

        return sum / count;
    }

    private sealed class Model(FakeModels owner, int number) : ILanguageModel
    {
        public string NumericsContract => owner.NumericsContract;

        public int VocabularySize => 300;

        public int MaxLength => owner.MaxLength;

        public int HiddenSize => 1;

        public void TokenLosses(TokenBatch batch, Span<float> losses, CancellationToken cancellation)
        {
            Note(batch, cancellation);
            losses.Fill(float.NaN);
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                for (var i = batch.Start(sequence) + 1; i < batch.Start(sequence) + batch.Length(sequence); i++)
                {
                    if (batch.Read[i])
                    {
                        var loss = Loss(number, batch.Ids[i - 1], batch.Ids[i]);
                        losses[i] = owner.Bend?.Invoke(batch.Ids[i], loss) ?? loss;
                    }
                }
            }
        }

        public void PooledStates(TokenBatch batch, Span<float> states, CancellationToken cancellation) => throw new NotSupportedException();

        public void NextTokenProbabilities(TokenBatch batch, ReadOnlySpan<int> candidates, Span<float> probabilities, CancellationToken cancellation)
        {
            Note(batch, cancellation);
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                for (var i = 0; i < candidates.Length; i++)
                {
                    probabilities[(sequence * candidates.Length) + i] = Probability(number, batch.Length(sequence), i);
                }
            }
        }

        public void Dispose()
        {
        }

        private void Note(TokenBatch batch, CancellationToken cancellation)
        {
            lock (owner.gate)
            {
                owner.OnCall?.Invoke(batch);
                cancellation.ThrowIfCancellationRequested();
                owner.Calls.Add(batch.Count);
            }
        }
    }

    public static float Probability(int number, int length, int score) => (((length * 7) + (score * 13) + number) % 11 + 1) / 64f;
}
