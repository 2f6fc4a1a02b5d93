using DatasetBuild.LanguageModels;
using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Loading;
using static TorchSharp.torch;

namespace DatasetBuild.TorchModels;

/// <summary>The tensors of a model of the Llama family on a device, by their names without prefix and <c>.weight</c>; widened to float32.</summary>
internal sealed class TorchWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    /// <exception cref="DatasetException">A tensor is missing or has another shape or type (DSB3057, DSB3059).</exception>
    public TorchWeights(Checkpoint checkpoint, Decoder decoder, Device device)
    {
        var names = decoder.Names;
        var prefix = checkpoint.Find($"{names.Prefix}{names.Embedding}.weight") is null ? "" : names.Prefix;
        int hidden = decoder.Hidden, queries = decoder.Heads * decoder.HeadSize, keys = decoder.KeyValueHeads * decoder.HeadSize;
        Read(names.Embedding, prefix, [decoder.Vocabulary, hidden]);
        Read(names.FinalNorm, prefix, [hidden]);
        if (!decoder.Tied)
        {
            Read(names.Head, "", [decoder.Vocabulary, hidden]);
        }

        for (var layer = 0; layer < decoder.Layers.Count; layer++)
        {
            var at = $"{names.Layer}{layer}.";
            Read(at + names.AttentionNorm, prefix, [hidden]);
            Read(at + names.FeedForwardNorm, prefix, [hidden]);
            ReadLinear(at + names.Query, queries, hidden, decoder.QueryKeyValueBias);
            ReadLinear(at + names.Key, keys, hidden, decoder.QueryKeyValueBias);
            ReadLinear(at + names.Value, keys, hidden, decoder.QueryKeyValueBias);
            ReadLinear(at + names.Output, hidden, queries, decoder.OutputBias);
            ReadLinear(at + names.Gate, decoder.FeedForward, hidden, decoder.FeedForwardBias);
            ReadLinear(at + names.Up, decoder.FeedForward, hidden, decoder.FeedForwardBias);
            ReadLinear(at + names.Down, hidden, decoder.FeedForward, decoder.FeedForwardBias);
            if (decoder.HeadNorm == HeadNorm.EachHead)
            {
                Read(at + names.QueryNorm, prefix, [decoder.HeadSize]);
                Read(at + names.KeyNorm, prefix, [decoder.HeadSize]);
            }
        }

        void ReadLinear(string name, int outputs, int inputs, bool hasBias)
        {
            Read(name, prefix, [outputs, inputs]);
            if (hasBias)
            {
                Read(name, prefix, [outputs], "bias");
            }
        }

        void Read(string name, string before, long[] shape, string kind = "weight")
        {
            var entry = checkpoint.Take($"{before}{name}.{kind}");
            if (!entry.Shape.SequenceEqual(shape))
            {
                throw new DatasetException(ModelCodes.WrongTensor, $"'{entry.Name}' has the shape {entry.ShapeText}, where config.json asks for [{string.Join(", ", shape)}]", entry.File.Path);
            }

            var type = entry.Type switch
            {
                "F32" => ScalarType.Float32,
                "F16" => ScalarType.Float16,
                "BF16" => ScalarType.BFloat16,
                _ => throw new DatasetException(ModelCodes.WrongTensor, $"'{entry.Name}' is stored as {entry.Type}. Supported are F32, F16 and BF16", entry.File.Path),
            };
            using var stored = empty(shape, type);
            entry.File.Read(stored.bytes, entry.Offset);
            tensors.Add(kind == "bias" ? name + ".bias" : name, stored.to(ScalarType.Float32, device, copy: true));
        }
    }

    public Tensor this[string name] => tensors[name];

    /// <summary>rows weight^T + bias.</summary>
    public Tensor Apply(string name, Tensor rows) => nn.functional.linear(rows, tensors[name], tensors.GetValueOrDefault(name + ".bias"));

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
