using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>The shape of a Llama whose head is its embedding.</summary>
internal sealed record ModelShape(string Name, int Hidden, int Layers, int Heads, int FeedForward, int Vocabulary)
{
    public static readonly ModelShape[] All = [new("124M", 768, 12, 12, 2048, 50257), new("12M", 256, 5, 4, 688, 32000)];

    public long Parameters => ((long)Vocabulary * Hidden) + (Layers * ((4L * Hidden * Hidden) + (3L * Hidden * FeedForward)));

    /// <summary>Floating-point operations of a token in a sequence of that length, counting a multiply-add as two.</summary>
    public double Operations(int length) => (2.0 * Parameters) + (2.0 * Layers * length * Hidden);
}

/// <summary>Writes a model with random weights, as save_pretrained would.</summary>
internal static class RandomModel
{
    /// <param name="shape">Its sizes.</param>
    /// <param name="type"><c>F32</c>, <c>BF16</c> or <c>F16</c>.</param>
    /// <param name="folder">Where it is written.</param>
    public static void Write(ModelShape shape, string type, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "llama",
            ["hidden_size"] = shape.Hidden,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["intermediate_size"] = shape.FeedForward,
            ["vocab_size"] = shape.Vocabulary,
            ["max_position_embeddings"] = 2048,
            ["tie_word_embeddings"] = true,
        }));
        var (hidden, wide) = (shape.Hidden, shape.FeedForward);
        var tensors = new List<(string Name, int[] Shape)> { ("model.embed_tokens.weight", [shape.Vocabulary, hidden]) };
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            tensors.AddRange(new[] { "q", "k", "v", "o" }.Select(part => ($"{at}self_attn.{part}_proj.weight", new[] { hidden, hidden })));
            tensors.AddRange([($"{at}mlp.gate_proj.weight", [wide, hidden]), ($"{at}mlp.up_proj.weight", [wide, hidden]), ($"{at}mlp.down_proj.weight", [hidden, wide])]);
            tensors.AddRange([($"{at}input_layernorm.weight", [hidden]), ($"{at}post_attention_layernorm.weight", [hidden])]);
        }

        tensors.Add(("model.norm.weight", [hidden]));
        WriteTensors(tensors, type, Path.Combine(folder, "model.safetensors"));
    }

    private static void WriteTensors(List<(string Name, int[] Shape)> tensors, string type, string path)
    {
        var size = type == "F32" ? 4 : 2;
        var header = new Dictionary<string, object>();
        long offset = 0;
        foreach (var (name, shape) in tensors)
        {
            var end = offset + (shape.Aggregate(1L, (product, length) => product * length) * size);
            header[name] = new { dtype = type, shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        var text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        using var file = File.Create(path);
        Span<byte> length8 = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length8, text.Length);
        file.Write(length8);
        file.Write(text);
        var random = new Random(7);
        foreach (var (_, shape) in tensors)
        {
            var row = new float[shape[^1]];
            for (var i = 0; i < (shape.Length == 1 ? 1 : shape[0]); i++)
            {
                for (var j = 0; j < row.Length; j++)
                {
                    row[j] = shape.Length == 1 ? 1 : (random.NextSingle() - 0.5f) * 0.08f;
                }

                file.Write(type switch
                {
                    "F32" => MemoryMarshal.AsBytes(row.AsSpan()),
                    "BF16" => MemoryMarshal.AsBytes(row.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan()),
                    _ => MemoryMarshal.AsBytes(row.Select(value => (Half)value).ToArray().AsSpan()),
                });
            }
        }
    }
}
