using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DatasetBuild.LanguageModels.Tests.Oracle;

/// <summary>A model of random weights in a folder: what a configuration's model type has for tensors is written here a second time, in the words of the reference.</summary>
internal sealed class TinyModel
{
    private readonly Random random;
    private readonly Dictionary<string, (int[] Shape, double[] Values)> tensors = [];

    public TinyModel(string config, int seed)
    {
        Config = JsonNode.Parse(config)!.AsObject();
        random = new Random(seed);
        AddTensors();
    }

    public JsonObject Config { get; }

    public string Type => Config["model_type"]!.GetValue<string>();

    public int Int(string key, int missing) => Config.ContainsKey(key) ? Config[key]?.GetValue<int>() ?? 0 : missing;

    /// <summary>A number; 0 where null stands for none.</summary>
    public double Number(string key, double missing) => Config.ContainsKey(key) ? Config[key]?.GetValue<double>() ?? 0 : missing;

    public bool Flag(string key, bool missing) => Config[key]?.GetValue<bool>() ?? missing;

    public double[] this[string name] => tensors[name].Values;

    public bool Has(string name) => tensors.ContainsKey(name);

    public int Hidden => Int("hidden_size", Int("n_embd", 0));

    public int Heads => Int("num_attention_heads", Int("n_head", 0));

    public int KeyValueHeads => Int("num_key_value_heads", Heads);

    public int HeadSize => Int("head_dim", Hidden / Heads);

    public int Layers => Int("num_hidden_layers", Int("n_layer", 0));

    public int FeedForward => Int("intermediate_size", 4 * Hidden);

    public int Vocabulary => Int("vocab_size", 0);

    public bool Tied => Flag("tie_word_embeddings", Type is "gpt2" or "gemma" or "gemma2" or "gemma3_text");

    /// <summary>Writes the folder; weights are rounded to what the type can hold, here too. Experts are written one by one or, as transformers 5 holds them, all of a layer in one tensor.</summary>
    public void Save(string folder, string type = "F32", string dropPrefix = "", int shards = 1, bool stackExperts = false)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config.ToJsonString());
        foreach (var (_, values) in tensors.Values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Rounded((float)values[i], type);
            }
        }

        var named = (stackExperts ? WithStackedExperts() : tensors).Select(entry => (
            Name: dropPrefix.Length > 0 && entry.Key.StartsWith(dropPrefix, StringComparison.Ordinal) ? entry.Key[dropPrefix.Length..] : entry.Key,
            entry.Value.Shape,
            Bytes: Bytes(entry.Value.Values, type))).ToList();
        if (shards == 1)
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Safetensors(named.Select(entry => (entry.Name, type, entry.Shape, entry.Bytes))));
            return;
        }

        var map = new JsonObject();
        for (var shard = 0; shard < shards; shard++)
        {
            var file = $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            var part = named.Where((_, i) => i % shards == shard).ToList();
            part.ForEach(entry => map[entry.Name] = file);
            File.WriteAllBytes(Path.Combine(folder, file), Safetensors(part.Select(entry => (entry.Name, type, entry.Shape, entry.Bytes))));
        }

        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
    }

    private Dictionary<string, (int[] Shape, double[] Values)> WithStackedExperts()
    {
        const string Part = "block_sparse_moe.";
        var experts = Int("num_local_experts", 8);
        var stacked = tensors.Where(entry => !entry.Key.Contains(Part, StringComparison.Ordinal)).ToDictionary();
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            double[] Of(int expert, string name) => this[$"{at}{Part}experts.{expert}.{name}.weight"];
            stacked.Add($"{at}mlp.gate.weight", tensors[$"{at}{Part}gate.weight"]);
            stacked.Add($"{at}mlp.experts.gate_up_proj", ([experts, 2 * FeedForward, Hidden], [.. Enumerable.Range(0, experts).SelectMany(expert => Of(expert, "w1").Concat(Of(expert, "w3")))]));
            stacked.Add($"{at}mlp.experts.down_proj", ([experts, Hidden, FeedForward], [.. Enumerable.Range(0, experts).SelectMany(expert => Of(expert, "w2"))]));
        }

        return stacked;
    }

    public static byte[] Safetensors(IEnumerable<(string Name, string Type, int[] Shape, byte[] Bytes)> entries)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using var data = new MemoryStream();
        foreach (var (name, type, shape, bytes) in entries)
        {
            header[name] = new JsonObject { ["dtype"] = type, ["shape"] = JsonSerializer.SerializeToNode(shape), ["data_offsets"] = JsonSerializer.SerializeToNode(new[] { data.Length, data.Length + bytes.Length }) };
            data.Write(bytes);
        }

        return File(header.ToJsonString(), data.ToArray());

        static byte[] File(string header, byte[] data)
        {
            var text = Encoding.UTF8.GetBytes(header);
            var file = new byte[8 + text.Length + data.Length];
            BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
            text.CopyTo(file, 8);
            data.CopyTo(file, 8 + text.Length);
            return file;
        }
    }

    private static double Rounded(float value, string type) => type switch
    {
        "BF16" => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xffff0000),
        "F16" => (double)(Half)value,
        _ => value,
    };

    private static byte[] Bytes(double[] values, string type) => type switch
    {
        "BF16" => MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)).ToArray().AsSpan()).ToArray(),
        "F16" => MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan()).ToArray(),
        _ => MemoryMarshal.AsBytes(values.Select(value => (float)value).ToArray().AsSpan()).ToArray(),
    };

    private void AddTensors()
    {
        switch (Type)
        {
            case "gpt2":
                AddGpt2();
                break;
            case "gpt_neox":
                AddNeoX();
                break;
            default:
                AddLlamaLike();
                break;
        }
    }

    private void AddGpt2()
    {
        Add("transformer.wte.weight", 0.3, Vocabulary, Hidden);
        Add("transformer.wpe.weight", 0.3, Int("n_positions", 1024), Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"transformer.h.{layer}.";
            AddNorm(at + "ln_1", Hidden, bias: true);
            AddNorm(at + "ln_2", Hidden, bias: true);
            foreach (var (name, rows, columns) in new[] { ("attn.c_attn", Hidden, 3 * Hidden), ("attn.c_proj", Hidden, Hidden), ("mlp.c_fc", Hidden, Inner), ("mlp.c_proj", Inner, Hidden) })
            {
                Add($"{at}{name}.weight", 0.3, rows, columns);
                Add($"{at}{name}.bias", 0.3, columns);
            }
        }

        AddNorm("transformer.ln_f", Hidden, bias: true);
        AddHead("lm_head");
    }

    public int Inner => Int("n_inner", 4 * Hidden);

    private void AddNeoX()
    {
        Add("gpt_neox.embed_in.weight", 0.5, Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"gpt_neox.layers.{layer}.";
            AddNorm(at + "input_layernorm", Hidden, bias: true);
            AddNorm(at + "post_attention_layernorm", Hidden, bias: true);
            var bias = Flag("attention_bias", true);
            AddLinear(at + "attention.query_key_value", 3 * Hidden, Hidden, bias);
            AddLinear(at + "attention.dense", Hidden, Hidden, bias);
            AddLinear(at + "mlp.dense_h_to_4h", FeedForward, Hidden, bias: true);
            AddLinear(at + "mlp.dense_4h_to_h", Hidden, FeedForward, bias: true);
        }

        AddNorm("gpt_neox.final_layer_norm", Hidden, bias: true);
        AddHead("embed_out");
    }

    private void AddLlamaLike()
    {
        var plainNorm = Type == "olmo";
        var normBias = Type == "stablelm";
        var bias = Flag("attention_bias", false) || Flag("use_qkv_bias", false) || Type == "qwen2";
        var outputBias = Flag("attention_bias", false);
        Add("model.embed_tokens.weight", 0.5, Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            var norms = Type switch
            {
                "olmo" => [],
                "olmo2" => ["post_attention_layernorm", "post_feedforward_layernorm"],
                "gemma2" or "gemma3_text" => ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
                "stablelm" when Flag("use_parallel_residual", false) => ["input_layernorm"],
                _ => new[] { "input_layernorm", "post_attention_layernorm" },
            };
            foreach (var norm in norms)
            {
                AddNorm(at + norm, Hidden, normBias);
            }

            int queries = Heads * HeadSize, keys = KeyValueHeads * HeadSize;
            if (Type == "phi3")
            {
                AddLinear(at + "self_attn.qkv_proj", queries + (2 * keys), Hidden, bias: false);
                AddLinear(at + "mlp.gate_up_proj", 2 * FeedForward, Hidden, bias: false);
            }
            else
            {
                AddLinear(at + "self_attn.q_proj", queries, Hidden, bias);
                AddLinear(at + "self_attn.k_proj", keys, Hidden, bias);
                AddLinear(at + "self_attn.v_proj", keys, Hidden, bias);
            }

            AddLinear(at + "self_attn.o_proj", Hidden, queries, outputBias);
            AddHeadNorms(at);
            if (Type == "mixtral")
            {
                var experts = Int("num_local_experts", 8);
                AddLinear(at + "block_sparse_moe.gate", experts, Hidden, bias: false);
                for (var expert = 0; expert < experts; expert++)
                {
                    AddLinear($"{at}block_sparse_moe.experts.{expert}.w1", FeedForward, Hidden, bias: false);
                    AddLinear($"{at}block_sparse_moe.experts.{expert}.w2", Hidden, FeedForward, bias: false);
                    AddLinear($"{at}block_sparse_moe.experts.{expert}.w3", FeedForward, Hidden, bias: false);
                }

                continue;
            }

            if (Type != "phi3")
            {
                AddLinear(at + "mlp.gate_proj", FeedForward, Hidden, Flag("mlp_bias", false));
                AddLinear(at + "mlp.up_proj", FeedForward, Hidden, Flag("mlp_bias", false));
            }

            AddLinear(at + "mlp.down_proj", Hidden, FeedForward, Flag("mlp_bias", false));
        }

        if (!plainNorm)
        {
            AddNorm("model.norm", Hidden, normBias);
        }

        AddHead("lm_head");
    }

    private void AddHeadNorms(string at)
    {
        switch (Type)
        {
            case "qwen3" or "gemma3_text":
                AddNorm(at + "self_attn.q_norm", HeadSize, bias: false);
                AddNorm(at + "self_attn.k_norm", HeadSize, bias: false);
                break;
            case "olmo2":
                AddNorm(at + "self_attn.q_norm", Heads * HeadSize, bias: false);
                AddNorm(at + "self_attn.k_norm", KeyValueHeads * HeadSize, bias: false);
                break;
            case "stablelm" when Flag("qk_layernorm", false):
                for (var head = 0; head < Heads; head++)
                {
                    AddNorm($"{at}self_attn.q_layernorm.norms.{head}", HeadSize, bias: false);
                }

                for (var head = 0; head < KeyValueHeads; head++)
                {
                    AddNorm($"{at}self_attn.k_layernorm.norms.{head}", HeadSize, bias: false);
                }

                break;
            default:
                break;
        }
    }

    private void AddHead(string name)
    {
        if (!Tied)
        {
            Add(name + ".weight", 0.5, Vocabulary, Hidden);
        }
    }

    private void AddLinear(string name, int outputs, int inputs, bool bias)
    {
        Add(name + ".weight", 1.5 / Math.Sqrt(inputs), outputs, inputs);
        if (bias)
        {
            Add(name + ".bias", 0.3, outputs);
        }
    }

    private void AddNorm(string name, int size, bool bias)
    {
        Add(name + ".weight", 0.5, size);
        if (Type is not ("gemma" or "gemma2" or "gemma3_text"))
        {
            for (var i = 0; i < size; i++)
            {
                tensors[name + ".weight"].Values[i] += 1;
            }
        }

        if (bias)
        {
            Add(name + ".bias", 0.3, size);
        }
    }

    private void Add(string name, double spread, params int[] shape)
    {
        var values = new double[shape.Aggregate(1, (product, length) => product * length)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() - 0.5) * 2 * spread);
        }

        tensors.Add(name, (shape, values));
    }
}
