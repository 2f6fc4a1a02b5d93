using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tests;
using DatasetBuild.Tests.Pipeline;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.LanguageModels.Tests;

/// <summary>
/// A Llama of one layer that can be computed by hand: embeddings are unit vectors, attention and feed-forward are zero, and the head holds log p(next | current).
/// What a pass says of a record is then known in closed form.
/// </summary>
public sealed class BigramTests : IDisposable
{
    private const int Vocabulary = 256;

    private readonly ScratchFolder folder = new();
    private readonly OpenedModels models = new(new CpuLanguageModelLoader(), threads: 2);

    public void Dispose()
    {
        models.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_loss_of_a_record_is_the_one_of_the_table()
    {
        var random = new Random(7);
        var table = Table(random);
        var (files, tokenizer) = Write(table);
        var template = ChatTemplate.BuiltIn("Plain");
        var options = new EncodingOptions();
        using var batch = Records(random, 30);

        foreach (var condition in Enum.GetValues<PassCondition>())
        {
            var values = Score(new LossPass(models, files, template, tokenizer, options, condition), batch);

            for (var i = 0; i < batch.Count; i++)
            {
                var encoded = new EncodedConversation();
                var encoder = new ConversationEncoder(template, tokenizer, options);
                (condition == PassCondition.Alone ? encoder.EncodeAlone(batch[i], encoded) : encoder.Encode(batch[i], encoded)).ShouldBeNull();
                var counted = Enumerable.Range(1, encoded.Ids.Count - 1).Where(token => encoded.Weights[token] > 0).ToList();
                values[i].TokenCount.ShouldBe(counted.Count);
                values[i].Mean.ShouldBe(counted.Average(token => -table[encoded.Ids[token - 1]][encoded.Ids[token]]), 1e-4);
            }
        }
    }

    [Fact]
    public void With_a_head_of_zeros_every_token_is_as_likely_as_any_and_the_prompt_does_not_help()
    {
        var (files, tokenizer) = Write([.. Enumerable.Range(0, Vocabulary).Select(_ => new double[Vocabulary])]);
        using var batch = Records(new Random(8), 20);
        var conditioned = Score(new LossPass(models, files, ChatTemplate.BuiltIn("Plain"), tokenizer, new EncodingOptions(), PassCondition.Conditioned), batch);
        var alone = Score(new LossPass(models, files, ChatTemplate.BuiltIn("Plain"), tokenizer, new EncodingOptions(), PassCondition.Alone), batch);
        for (var i = 0; i < batch.Count; i++)
        {
            conditioned[i].Mean.ShouldBe(Math.Log(Vocabulary), 1e-6);
            PassScores.Ifd(conditioned[i].Mean, alone[i].Mean, IfdForm.PerplexityRatio).ShouldBe(1);
            PassScores.Ifd(conditioned[i].Mean, alone[i].Mean, IfdForm.LossRatio).ShouldBe(1);
        }
    }

    private static PassValue[] Score(LossPass pass, ConversationBatch batch)
    {
        var (values, states) = (new byte[batch.Count * pass.Width], new byte[batch.Count]);
        pass.Score(batch, values, states, TestContext.Current.CancellationToken);
        states.ShouldAllBe(state => state == 1);
        return [.. Enumerable.Range(0, batch.Count).Select(i => PassValue.Read(values.AsSpan(i * pass.Width)))];
    }

    private static ConversationBatch Records(Random random, int count)
    {
        var batch = new ConversationBatch();
        using var parser = new ConversationParser(ShapeOptions.Detect);
        for (var i = 0; i < count; i++)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new { prompt = Text(random), completion = Text(random) });
            parser.Parse(json);
            batch.Add(parser.Canonical(json, 0));
        }

        return batch;
    }

    private static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(2, 60)).Select(_ => (char)random.Next(' ', '~'))]);

    /// <summary>log p(next | current) for each current byte.</summary>
    private static double[][] Table(Random random)
    {
        var table = new double[Vocabulary][];
        for (var current = 0; current < Vocabulary; current++)
        {
            var weights = Enumerable.Range(0, Vocabulary).Select(_ => random.NextDouble() + 0.01).ToArray();
            table[current] = [.. weights.Select(weight => Math.Log(weight / weights.Sum()))];
        }

        return table;
    }

    private (ModelFiles Files, ITokenizer Tokenizer) Write(double[][] table)
    {
        var config = folder.Write("model/config.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            architectures = new[] { "LlamaForCausalLM" },
            model_type = "llama",
            vocab_size = Vocabulary,
            hidden_size = Vocabulary,
            num_hidden_layers = 1,
            num_attention_heads = 1,
            num_key_value_heads = 1,
            head_dim = 2,
            intermediate_size = 2,
            hidden_act = "silu",
            rms_norm_eps = 1e-6,
            max_position_embeddings = 512,
            tie_word_embeddings = false,
        }));
        const string Layer = "model.layers.0.";
        var ones = Enumerable.Repeat(1f, Vocabulary);
        var weights = folder.Write("model/model.safetensors", Safetensors(
            ("model.embed_tokens.weight", [Vocabulary, Vocabulary], Enumerable.Range(0, Vocabulary * Vocabulary).Select(i => i / Vocabulary == i % Vocabulary ? 1f : 0)),
            (Layer + "input_layernorm.weight", [Vocabulary], ones),
            (Layer + "self_attn.q_proj.weight", [2, Vocabulary], Zeros(2)),
            (Layer + "self_attn.k_proj.weight", [2, Vocabulary], Zeros(2)),
            (Layer + "self_attn.v_proj.weight", [2, Vocabulary], Zeros(2)),
            (Layer + "self_attn.o_proj.weight", [Vocabulary, 2], Zeros(2)),
            (Layer + "post_attention_layernorm.weight", [Vocabulary], ones),
            (Layer + "mlp.gate_proj.weight", [2, Vocabulary], Zeros(2)),
            (Layer + "mlp.up_proj.weight", [2, Vocabulary], Zeros(2)),
            (Layer + "mlp.down_proj.weight", [Vocabulary, 2], Zeros(2)),

            // The norm divides a unit vector by the root of its mean square: this takes that back.
            ("model.norm.weight", [Vocabulary], Enumerable.Repeat((float)Math.Sqrt((1.0 / Vocabulary) + 1e-6), Vocabulary)),
            ("lm_head.weight", [Vocabulary, Vocabulary], Enumerable.Range(0, Vocabulary * Vocabulary).Select(i => (float)table[i % Vocabulary][i / Vocabulary]))));
        var tokenizer = folder.Write("model/tokenizer.json", Encoding.UTF8.GetBytes(TinyTokenizer.Json()));
        var files = new[] { config, weights }.Select(path => (path, FileStamp.TryOf(path, out var stamp) ? stamp : default)).ToList();
        return (new ModelFiles(Path.GetDirectoryName(config)!, "model", "0", files), Tokenizers.Load(tokenizer, "tokenizer.json"));

        static IEnumerable<float> Zeros(int width) => Enumerable.Repeat(0f, width * Vocabulary);
    }

    private static byte[] Safetensors(params (string Name, int[] Shape, IEnumerable<float> Values)[] tensors)
    {
        var header = new Dictionary<string, object>();
        var data = new List<byte>();
        Span<byte> number = stackalloc byte[sizeof(float)];
        foreach (var (name, shape, values) in tensors)
        {
            var start = data.Count;
            foreach (var value in values)
            {
                BinaryPrimitives.WriteSingleLittleEndian(number, value);
                data.AddRange(number);
            }

            header[name] = new { dtype = "F32", shape, data_offsets = new[] { start, data.Count } };
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(header);
        var size = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, text.Length);
        return [.. size, .. text, .. data];
    }
}
