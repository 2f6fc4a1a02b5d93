using System.Buffers.Binary;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.LanguageModels;
using DatasetBuild.LanguageModels.Loading;
using DatasetBuild.LanguageModels.Tests.Oracle;
using DatasetBuild.Scoring;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>A file of weights beside a configuration that is right: tensors that are accepted lie end to end, and a model that opens answers.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    private const string Config = """{"model_type":"llama","vocab_size":7,"hidden_size":4,"intermediate_size":6,"num_hidden_layers":1,"num_attention_heads":2,"max_position_embeddings":16,"tie_word_embeddings":true}""";

    public override string Name => "safetensors";

    public override int ShortRun => 1500;

    public override IReadOnlyList<string> Words { get; } =
        ["\"dtype\":", "\"F32\"", "\"BF16\"", "\"F16\"", "\"I64\"", "\"shape\":", "[]", "[0]", "[4,7]", "\"data_offsets\":", "[0,0]", "-1", "9223372036854775807", "4294967296", "1e3", "\"__metadata__\"", "model.norm.weight", "null", "{", "}", "\"\\ud800\"", ","];

    // A model's buffers are as large as its rows are many, whatever the file's length.
    public override long MayAllocate(int length) => (32L << 20) + (300L * length);

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var type in (string[])["F32", "BF16", "F16"])
        {
            new TinyModel(Config, seed: 1).Save(Scratch.Root, type);
            yield return File.ReadAllBytes(Scratch.At("model.safetensors"));
        }
    }

    /// <summary>The length of the header, where what stands first says where it ends.</summary>
    public override byte[] Repair(byte[] input)
    {
        var end = input.AsSpan().IndexOf("}}"u8);
        if (end > 8)
        {
            input = [.. input];
            BinaryPrimitives.WriteInt64LittleEndian(input, end + 2 - 8);
        }

        return input;
    }

    public override string Run(byte[] input)
    {
        var path = Scratch.Write("model.safetensors", input);
        Scratch.Write("config.json", System.Text.Encoding.UTF8.GetBytes(Config));
        try
        {
            long count;
            using (var file = SafetensorsFile.Open(path))
            {
                var end = 8 + BinaryPrimitives.ReadInt64LittleEndian(input);
                foreach (var tensor in file.Tensors)
                {
                    Checks.Holds(tensor.Offset == end && tensor.Length >= 0, "tensors leave gaps or overlap");
                    end += tensor.Length;
                }

                Checks.Holds(end == input.Length, "tensors end where the file does not");
                count = file.Tensors.Count;
            }

            using var model = new CpuLanguageModelLoader().Open(Scratch.Root, 1);
            var batch = new TokenBatch();
            batch.Add([1, 2, 6, 0], [true, true, true, true]);
            var losses = new float[4];
            model.TokenLosses(batch, losses, CancellationToken.None);
            Checks.Holds(float.IsNaN(losses[0]) && losses.Skip(1).All(loss => !(loss < 0)), "a loss is below 0");
            return $"model {count} {losses.Count(float.IsFinite)}";
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '3') && error.Diagnostic.File is not null, "an error of weights has another code, or no file");
            return $"{error.Diagnostic.Code} {string.Concat(error.Diagnostic.Message.Where(char.IsAsciiLetter).Take(40))}";
        }
    }
}
