using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.LanguageModels.Loading;
using DatasetBuild.LanguageModels.Tests.Oracle;
using DatasetBuild.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.LanguageModels.Tests;

/// <summary>Folders that are no model, or another one: each is an error that says what is wrong and never a value.</summary>
public sealed class HostileModelTests : IDisposable
{
    private const string Config = """{"model_type":"llama","vocab_size":11,"hidden_size":8,"intermediate_size":12,"num_hidden_layers":1,"num_attention_heads":2,"max_position_embeddings":16}""";

    private readonly ScratchFolder scratch = new();

    private string Weights => scratch.At("model.safetensors");

    [Theory]
    [InlineData(new byte[] { }, "fewer than the length of a header")]
    [InlineData(new byte[] { 1, 2, 3 }, "fewer than the length of a header")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "its header should be 0 bytes long")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123, 125 }, "its header should be 18446744073709551615 bytes long")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 123, 125 }, "its header should be 4294967296 bytes long")]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 125 }, "its header should be 3 bytes long")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 91, 93 }, "no JSON object")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 123, 123 }, "no JSON")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, 123, 125, 0 }, "take 0 bytes, and 1 follow the header")]
    public void A_file_that_is_no_safetensors_file_says_so(byte[] bytes, string what) => ShouldFail(() => SafetensorsFile.Open(scratch.Write("model.safetensors", bytes)), "DSB3055", what);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "unique names")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "starts at byte 4 of the data, where the one before it ends at 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "starts at byte 8 of the data, where the one before it ends at 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "take 8 bytes, and 16 follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,20]}}""", "does not lie within")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}""", "does not lie within")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}""", "does not lie within")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}""", "has 16 bytes, where 3 elements of F32 take 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,16]}}""", "no possible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,16]}}""", "no possible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "no possible shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4.5],"data_offsets":[0,16]}}""", "no possible shape")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[4],"data_offsets":[0,16]}}""", "unknown type 'Q4'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}}""", "lacks dtype, shape or two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,16]}}""", "lacks dtype, shape or two data_offsets")]
    [InlineData("""{"a":[]}""", "lacks dtype, shape or two data_offsets")]
    public void Tensors_lie_end_to_end_and_are_as_long_as_their_shapes(string header, string what) =>
        ShouldFail(() => SafetensorsFile.Open(scratch.Write("model.safetensors", File(header, 16))), "DSB3055", what);

    [Fact]
    public void Empty_tensors_and_notes_are_allowed()
    {
        using var file = SafetensorsFile.Open(scratch.Write("model.safetensors", File(
            """{"__metadata__":{"x":"y"},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"U8","shape":[0,7],"data_offsets":[16,16]},"c":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}   """, 16)));
        file.Tensors.Select(tensor => tensor.Name).ShouldBe(["c", "b", "a"]);
    }

    [Fact]
    public void Whatever_becomes_of_a_file_it_is_read_or_refused()
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        var good = System.IO.File.ReadAllBytes(Weights);
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(good);
        Prop.ForAll(
            Gen.Choose(0, header - 1).Zip(Gen.Choose(0, 255)).ListOf(3).ToArbitrary(),
            changes =>
            {
                var bytes = good.ToArray();
                foreach (var (at, value) in changes)
                {
                    bytes[at] = (byte)value;
                }

                System.IO.File.WriteAllBytes(Weights, bytes);
                try
                {
                    Open().Dispose();
                    return true;
                }
                catch (DatasetException error)
                {
                    return error.Diagnostic.Code.StartsWith("DSB305", StringComparison.Ordinal) && error.Diagnostic.File is not null;
                }
            }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void A_tensor_that_is_missing_foreign_or_of_another_shape_or_type_is_named()
    {
        Change(header => header.Remove("model.layers.0.mlp.up_proj.weight"), "DSB3057", "'model.layers.0.mlp.up_proj.weight'");
        Change(header => Rename(header, "model.norm.weight", "model.norm2.weight"), "DSB3057", "'model.norm.weight'");
        Change(header => header["model.layers.0.self_attn.q_norm.weight"] = Empty(), "DSB3058", "'model.layers.0.self_attn.q_norm.weight'");
        Change(header => header["model.layers.1.self_attn.rotary_emb.inv_freq"] = Empty(), "DSB3058", "layers.1");
        Change(header => header["model.layers.0.mlp.up_proj.weight"]!["shape"] = new JsonArray(8, 12), "DSB3059", "[8, 12], where config.json asks for [12, 8]");
        Change(header => header["model.norm.weight"]!["dtype"] = "I32", "DSB3059", "stored as I32");
    }

    [Fact]
    public void What_old_versions_wrote_besides_has_no_effect()
    {
        var losses = Losses();
        Rewrite(header => header["model.layers.0.self_attn.rotary_emb.inv_freq"] = Empty());
        Losses().ShouldBe(losses);
    }

    [Fact]
    public void Names_may_lack_the_prefix_of_the_model()
    {
        var losses = Losses();
        new TinyModel(Config, 1).Save(scratch.Root, dropPrefix: "model.");
        Losses().ShouldBe(losses);
    }

    [Theory]
    [InlineData("BF16")]
    [InlineData("F16")]
    public void Shards_and_narrow_weights_give_the_same_as_one_file_of_wide_ones(string type)
    {
        var narrow = new TinyModel(Config, 1);
        narrow.Save(scratch.Root, type);
        var losses = Losses(keep: true);
        System.IO.File.Delete(Weights);
        narrow.Save(scratch.Root, "F32", shards: 3);
        Losses(keep: true).ShouldBe(losses);
    }

    [Fact]
    public void A_tied_head_may_stand_in_the_file_if_it_is_the_embedding()
    {
        var tied = Config[..^1] + ",\"tie_word_embeddings\":true}";
        new TinyModel(tied, 1).Save(scratch.Root);
        var losses = Losses(keep: true);
        Rewrite(header => header["lm_head.weight"] = Copy(header, "model.embed_tokens.weight"));
        Losses(keep: true).ShouldBe(losses);
        Rewrite(header => header.Remove("model.embed_tokens.weight"));
        Losses(keep: true).ShouldBe(losses);

        new TinyModel(Config, 1).Save(scratch.Root);
        System.IO.File.WriteAllText(scratch.At("config.json"), tied);
        ShouldFail(Open, "DSB3059", "'lm_head.weight' differs from 'model.embed_tokens.weight'");
    }

    [Theory]
    [InlineData("../model.safetensors", "no safetensors file of its own folder")]
    [InlineData("x.bin", "no safetensors file of its own folder")]
    [InlineData("gone.safetensors", "is not there")]
    public void An_index_names_files_of_its_folder(string name, string what)
    {
        new TinyModel(Config, 1).Save(scratch.Root, shards: 2);
        var index = scratch.At("model.safetensors.index.json");
        System.IO.File.WriteAllText(index, System.IO.File.ReadAllText(index).Replace("model-00002-of-00002.safetensors", name, StringComparison.Ordinal));
        ShouldFail(Open, "DSB3056", what);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"weight_map":{"a":1}}""")]
    [InlineData("""{"weight_map":{"model.norm.weight":"model-00001-of-00002.safetensors"}}""")]
    public void An_index_that_does_not_fit_its_files_is_refused(string index)
    {
        new TinyModel(Config, 1).Save(scratch.Root, shards: 2);
        System.IO.File.WriteAllText(scratch.At("model.safetensors.index.json"), index);
        ShouldFail(Open, "DSB3056", "");
    }

    [Fact]
    public void Weights_that_can_run_code_or_are_of_another_kind_are_refused_with_what_to_do()
    {
        ShouldFail(Open, "DSB3050", "config.json");
        System.IO.File.WriteAllText(scratch.At("config.json"), Config);
        ShouldFail(Open, "DSB3054", "Fetch them");
        scratch.Write("model.gguf", []);
        ShouldFail(Open, "DSB3054", "model.gguf is of another format");
        scratch.Write("pytorch_model.bin", []);
        ShouldFail(Open, "DSB3054", "pytorch_model.bin is a pickle, which can run code when it is opened. Save the model again with save_pretrained");
        scratch.Write("adapter_model.safetensors", []);
        ShouldFail(Open, "DSB3054", "adapter_model.safetensors is an adapter. Merge it");
        ShouldFail(() => new CpuLanguageModelLoader().Open(scratch.At("nowhere"), 1), "DSB3050", "no such folder");
    }

    [Fact]
    public void Weights_of_more_than_half_the_memory_are_refused_with_the_numbers()
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        var bytes = new FileInfo(Weights).Length;
        ShouldFail(() => new CpuLanguageModelLoader(bytes, SimdPaths.Widest).Open(scratch.Root, 1), "DSB3060", "more than half of the 0.0 GB of memory");
        new CpuLanguageModelLoader(2 * bytes, SimdPaths.Widest).Open(scratch.Root, 1).Dispose();
    }

    [Theory]
    [InlineData("", "DSB3051", "cannot be read")]
    [InlineData("[]", "DSB3051", "it is no object")]
    [InlineData("{} {}", "DSB3051", "cannot be read")]
    [InlineData("{}", "DSB3052", "neither 'model_type' nor 'architectures'")]
    [InlineData("""{"model_type":"t5"}""", "DSB3052", "the architecture t5 is not supported")]
    [InlineData("""{"model_type":"gemma3","architectures":["Gemma3ForConditionalGeneration"],"text_config":{},"vision_config":{}}""", "DSB3052", "Gemma3ForConditionalGeneration reads more than text. Save its language model alone")]
    [InlineData("""{"model_type":"llama","architectures":["LlamaForSequenceClassification"]}""", "DSB3052", "LlamaForSequenceClassification")]
    [InlineData("""{"model_type":"llama","quantization_config":{"quant_method":"gptq"}}""", "DSB3053", "'quantization_config'")]
    [InlineData("""{"model_type":"gpt2","add_cross_attention":true}""", "DSB3053", "'add_cross_attention'")]
    [InlineData("""{"model_type":"gpt2","pruned_heads":{"0":[1]}}""", "DSB3053", "'pruned_heads'")]
    [InlineData("""{"model_type":"gemma3_text","use_bidirectional_attention":true}""", "DSB3053", "'use_bidirectional_attention'")]
    [InlineData("""{"model_type":"llama","hidden_act":"xielu"}""", "DSB3053", "'hidden_act': 'xielu'")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"rope_type":"ntk","factor":2.0}}""", "DSB3053", "'rope_scaling.rope_type': the scaling of positions 'ntk'")]
    [InlineData("""{"model_type":"qwen2","num_hidden_layers":1,"layer_types":["linear_attention"]}""", "DSB3053", "'layer_types': 'linear_attention'")]
    [InlineData("""{"model_type":"llama","hidden_size":"8"}""", "DSB3051", "'hidden_size' is not a whole number")]
    [InlineData("""{"model_type":"llama","hidden_size":-8}""", "DSB3051", "'hidden_size' is not a whole number from 1 on")]
    [InlineData("""{"model_type":"llama","num_hidden_layers":1000000000}""", "DSB3051", "layers are not possible")]
    [InlineData("""{"model_type":"llama","head_dim":1000000000}""", "DSB3051", "larger than those of any model")]
    [InlineData("""{"model_type":"llama","intermediate_size":2000000000}""", "DSB3051", "larger than those of any model")]
    [InlineData("""{"model_type":"llama","num_key_value_heads":5}""", "DSB3051", "cannot share 5 heads")]
    [InlineData("""{"model_type":"llama","hidden_size":33}""", "DSB3051", "cannot be divided among 32 heads")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"rope_type":"linear"}}""", "DSB3051", "'rope_scaling.factor'")]
    [InlineData("""{"model_type":"llama","rope_scaling":{"rope_type":"longrope","long_factor":[1],"short_factor":[1]}}""", "DSB3051", "a list of 64 numbers")]
    [InlineData("""{"model_type":"mistral","sliding_window":0}""", "DSB3051", "'sliding_window'")]
    [InlineData("""{"model_type":"mixtral","num_local_experts":1}""", "DSB3051", "cannot take 2 of 1 experts")]
    public void A_configuration_that_asks_for_what_is_not_built_is_refused_by_name(string config, string code, string what) =>
        ShouldFail(() => Architectures.ArchitectureCatalog.Describe(ModelConfig.Parse(Encoding.UTF8.GetBytes(config), "config.json")), code, what);

    [Fact]
    public void Keys_without_effect_are_passed_over()
    {
        var decoder = Architectures.ArchitectureCatalog.Describe(ModelConfig.Parse(Encoding.UTF8.GetBytes(
            "\ufeff" + Config[..^1] + ""","architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16","attention_dropout":0.1,"pretraining_tp":2,"use_cache":false,"initializer_range":0.02,"auto_map":{},"is_decoder":true,"quantization_config":null,"id2label":{"0":"x"}}"""), "config.json"));
        decoder.Hidden.ShouldBe(8);
    }

    [Fact]
    public void An_id_outside_the_vocabulary_and_a_sequence_above_the_context_are_refused()
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        using var model = Open();
        (model.VocabularySize, model.MaxLength, model.HiddenSize, model.NumericsContract).ShouldBe((11, 16, 8, "cpu-f32-v1"));
        foreach (var ids in new int[][] { [1, 11], [-1, 2], [.. Enumerable.Repeat(1, 17)] })
        {
            var batch = new Scoring.TokenBatch();
            batch.Add(ids, new bool[ids.Length]);
            Should.Throw<ArgumentException>(() => model.TokenLosses(batch, new float[ids.Length], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void A_cancelled_call_ends_with_that()
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        using var model = new CpuLanguageModelLoader().Open(scratch.Root, 2);
        var batch = new Scoring.TokenBatch();
        for (var i = 0; i < 300; i++)
        {
            batch.Add([1, 2, 3], [true, true, true]);
        }

        Should.Throw<OperationCanceledException>(() => model.TokenLosses(batch, new float[batch.TokenCount], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_loss_that_is_not_finite_stays_so()
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        Rewrite(_ => { }, data => BinaryPrimitives.WriteSingleLittleEndian(data, float.NaN));
        Losses(keep: true).Any(float.IsNaN).ShouldBeTrue();
    }

    public void Dispose() => scratch.Dispose();

    private static byte[] File(string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    private static JsonObject Empty() => new() { ["dtype"] = "F32", ["shape"] = new JsonArray(0), ["data_offsets"] = new JsonArray(0, 0) };

    private static JsonObject Copy(JsonObject header, string name) => header[name]!.DeepClone().AsObject();

    private static void Rename(JsonObject header, string from, string to)
    {
        var entry = header[from]!;
        header.Remove(from);
        header[to] = entry;
    }

    private Scoring.ILanguageModel Open() => new CpuLanguageModelLoader().Open(scratch.Root, 1);

    private float[] Losses(bool keep = false)
    {
        if (!keep && !System.IO.File.Exists(Weights))
        {
            new TinyModel(Config, 1).Save(scratch.Root);
        }

        using var model = Open();
        var batch = new Scoring.TokenBatch();
        batch.Add([0, 10, 4, 4, 7, 1], [true, true, true, true, true, true]);
        var losses = new float[6];
        model.TokenLosses(batch, losses, TestContext.Current.CancellationToken);
        return losses[1..];
    }

    private void Change(Action<JsonObject> change, string code, string what)
    {
        new TinyModel(Config, 1).Save(scratch.Root);
        Rewrite(change);
        ShouldFail(Open, code, what);
    }

    /// <summary>Writes the file again with another header; what no entry tells of any more goes, what is copied is written twice.</summary>
    private void Rewrite(Action<JsonObject> change, Action<byte[]>? touch = null)
    {
        var bytes = System.IO.File.ReadAllBytes(Weights);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        var data = bytes.AsSpan(8 + length).ToArray();
        change(header);
        touch?.Invoke(data);
        header.Remove("__metadata__");
        var entries = header.Select(entry =>
        {
            var offsets = entry.Value!["data_offsets"]!.AsArray().Select(offset => offset!.GetValue<int>()).ToArray();
            return (entry.Key, entry.Value!["dtype"]!.GetValue<string>(), entry.Value!["shape"]!.AsArray().Select(size => size!.GetValue<int>()).ToArray(), data[offsets[0]..offsets[1]]);
        }).ToList();
        System.IO.File.WriteAllBytes(Weights, TinyModel.Safetensors(entries));
    }

    private static void ShouldFail(Func<object> action, string code, string what)
    {
        var error = Should.Throw<DatasetException>(() => { _ = action(); });
        error.Diagnostic.Code.ShouldBe(code, error.Message);
        error.Diagnostic.Message.ShouldContain(what);
        error.Diagnostic.File.ShouldNotBeNull();
    }
}
