using DatasetBuild.LanguageModels.Tests.Oracle;
using DatasetBuild.Scoring;
using DatasetBuild.Tests;

namespace DatasetBuild.LanguageModels.Tests;

/// <summary>Every architecture and option against a plain forward pass in float64.</summary>
public sealed class ArchitectureTests
{
    private const string Sizes = "\"vocab_size\":61,\"hidden_size\":24,\"intermediate_size\":36,\"num_hidden_layers\":3,\"num_attention_heads\":4,\"max_position_embeddings\":64";

    public static TheoryData<string, string> Models { get; } = new()
    {
        { "Llama", Of("llama") },
        { "Llama with grouped queries and heads of another size", Of("llama", "\"num_key_value_heads\":2,\"head_dim\":10") },
        { "Llama with one head of keys", Of("llama", "\"num_key_value_heads\":1") },
        { "Llama with biases, tied", Of("llama", "\"attention_bias\":true,\"mlp_bias\":true,\"tie_word_embeddings\":true") },
        { "Llama with ReLU and another epsilon", Of("llama", "\"hidden_act\":\"relu\",\"rms_norm_eps\":1e-4") },
        { "Llama with linear scaling", Of("llama", "\"rope_scaling\":{\"type\":\"linear\",\"factor\":4.0}") },
        { "Llama with dynamic scaling", Of("llama", "\"max_position_embeddings\":16,\"rope_scaling\":{\"rope_type\":\"dynamic\",\"factor\":2.0}") },
        { "Llama with llama3 scaling", Of("llama", "\"rope_theta\":500000.0,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":16}") },
        { "Llama with YaRN", Of("llama", "\"head_dim\":16,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":16}") },
        { "Llama with YaRN, all said", Of("llama", "\"head_dim\":16,\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2.0,\"attention_factor\":1.3,\"beta_fast\":8.0,\"beta_slow\":2.0}") },
        { "Llama in the spelling of transformers 5", Of("llama", "\"dtype\":\"float32\",\"rope_parameters\":{\"rope_type\":\"llama3\",\"rope_theta\":50000.0,\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":16}") },
        { "Mistral with a window", Of("mistral", "\"num_key_value_heads\":2,\"sliding_window\":5") },
        { "Mistral with a window of one", Of("mistral", "\"num_key_value_heads\":4,\"sliding_window\":1") },
        { "Mistral without a window", Of("mistral", "\"num_key_value_heads\":2,\"sliding_window\":null") },
        { "Mixtral", Of("mixtral", "\"num_key_value_heads\":2,\"num_local_experts\":5,\"num_experts_per_tok\":2") },
        { "Mixtral with a window and one expert a token", Of("mixtral", "\"num_key_value_heads\":2,\"num_local_experts\":3,\"num_experts_per_tok\":1,\"sliding_window\":7,\"rope_theta\":10000.0") },
        { "Qwen 2", Of("qwen2", "\"num_key_value_heads\":2,\"tie_word_embeddings\":true") },
        { "Qwen 2 with a window over upper layers", Of("qwen2", "\"num_key_value_heads\":2,\"use_sliding_window\":true,\"sliding_window\":6,\"max_window_layers\":1") },
        { "Qwen 2 with layer types", Of("qwen2", "\"num_key_value_heads\":2,\"use_sliding_window\":true,\"sliding_window\":6,\"layer_types\":[\"sliding_attention\",\"full_attention\",\"sliding_attention\"]") },
        { "Qwen 3", Of("qwen3", "\"num_key_value_heads\":2,\"head_dim\":8") },
        { "Qwen 3 with biases", Of("qwen3", "\"num_key_value_heads\":2,\"head_dim\":8,\"attention_bias\":true") },
        { "GPT-2", Gpt2("") },
        { "GPT-2, untied, scaled by layer, exact GELU", Gpt2(",\"tie_word_embeddings\":false,\"scale_attn_by_inverse_layer_idx\":true,\"activation_function\":\"gelu\",\"n_inner\":40") },
        { "GPT-2 without scale", Gpt2(",\"scale_attn_weights\":false,\"activation_function\":\"quick_gelu\"") },
        { "GPT-NeoX", Of("gpt_neox", "\"rotary_pct\":0.67") },
        { "GPT-NeoX in sequence, tied, in the spelling of transformers 5", Of("gpt_neox", "\"use_parallel_residual\":false,\"tie_word_embeddings\":true,\"attention_bias\":false,\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":5000.0,\"partial_rotary_factor\":0.34}") },
        { "Gemma", Of("gemma", "\"num_key_value_heads\":1,\"head_dim\":8,\"hidden_act\":\"gelu\"") },
        { "Gemma 2", Of("gemma2", "\"num_key_value_heads\":2,\"head_dim\":8,\"query_pre_attn_scalar\":20,\"sliding_window\":4") },
        { "Gemma 2 without caps", Of("gemma2", "\"num_key_value_heads\":2,\"head_dim\":8,\"sliding_window\":4,\"attn_logit_softcapping\":null,\"final_logit_softcapping\":null") },
        { "Gemma 3", Of("gemma3_text", "\"num_key_value_heads\":2,\"head_dim\":8,\"sliding_window\":4,\"sliding_window_pattern\":2,\"query_pre_attn_scalar\":8") },
        { "Gemma 3 with linear scaling and a cap", Of("gemma3_text", "\"num_key_value_heads\":2,\"head_dim\":8,\"sliding_window\":4,\"sliding_window_pattern\":3,\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":8.0},\"final_logit_softcapping\":20.0") },
        { "Gemma 3 in the spelling of transformers 5", Of("gemma3_text", "\"num_key_value_heads\":2,\"head_dim\":8,\"sliding_window\":4,\"layer_types\":[\"sliding_attention\",\"full_attention\",\"sliding_attention\"],\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"linear\",\"factor\":2.0,\"rope_theta\":1000000.0},\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":20000.0}}") },
        { "Phi-3", Of("phi3", "\"num_key_value_heads\":2") },
        { "Phi-3 with LongRoPE", Of("phi3", "\"original_max_position_embeddings\":16,\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1.0,1.1,1.2],\"long_factor\":[1.5,2.0,4.0]}") },
        { "Phi-3 with its old name and a part of each head", Of("phi3", "\"original_max_position_embeddings\":16,\"head_dim\":8,\"partial_rotary_factor\":0.5,\"sliding_window\":9,\"rope_scaling\":{\"type\":\"su\",\"short_factor\":[1.0,1.1],\"long_factor\":[1.5,2.0]}") },
        { "Phi-3 with LongRoPE under another old name", Of("phi3", "\"original_max_position_embeddings\":16,\"rope_scaling\":{\"type\":\"yarn\",\"short_factor\":[1.0,1.1,1.2],\"long_factor\":[1.5,2.0,4.0]}") },
        { "Llama with YaRN, by a version that did not read the original context", Of("llama", "\"head_dim\":16,\"transformers_version\":\"4.45.1\",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":16}") },
        { "OLMo", Of("olmo") },
        { "OLMo with clipping", Of("olmo", "\"clip_qkv\":0.4,\"num_key_value_heads\":2,\"tie_word_embeddings\":true") },
        { "OLMo 2", Of("olmo2", "\"num_key_value_heads\":2") },
        { "StableLM", Of("stablelm", "\"num_key_value_heads\":4,\"partial_rotary_factor\":0.34") },
        { "StableLM with all options", Of("stablelm", "\"num_key_value_heads\":2,\"head_dim\":6,\"partial_rotary_factor\":0.67,\"use_qkv_bias\":true,\"qk_layernorm\":true,\"use_parallel_residual\":true") },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Losses_are_those_of_a_plain_forward_pass(string name, string config) => Check(name, config);

    [Fact]
    public void Experts_may_be_stacked() =>
        Check("Mixtral with stacked experts", Of("mixtral", "\"num_key_value_heads\":2,\"num_local_experts\":5,\"num_experts_per_tok\":2"), stackExperts: true);

    private static void Check(string name, string config, bool stackExperts = false)
    {
        using var folder = new ScratchFolder();
        var tiny = new TinyModel(config, seed: name.Length);
        tiny.Save(folder.Root, stackExperts: stackExperts);
        var random = new Random(4);
        var sequences = new[] { 0, 1, 2, 3, 9, 17, 33, 50 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(tiny.Vocabulary)).ToArray()).ToList();
        var batch = new TokenBatch();
        sequences.ForEach(ids => batch.Add(ids, [.. ids.Select(_ => true)]));
        var losses = new float[batch.TokenCount];
        using var model = new CpuLanguageModelLoader().Open(folder.Root, threads: 1);
        model.TokenLosses(batch, losses, TestContext.Current.CancellationToken);
        for (var i = 0; i < sequences.Count; i++)
        {
            var expected = new PlainDecoder(tiny).Losses(sequences[i]);
            for (var token = 0; token < expected.Length; token++)
            {
                ((double)losses[batch.Start(i) + token + 1]).ShouldBe(expected[token], tolerance: 2e-5, $"{name}: sequence {i}, token {token + 1}");
            }
        }
    }

    private static string Of(string type, string? more = null) => $"{{\"model_type\":\"{type}\",{Merge(more)}}}";

    private static string Gpt2(string more) => $"{{\"model_type\":\"gpt2\",\"vocab_size\":61,\"n_embd\":24,\"n_layer\":3,\"n_head\":4,\"n_positions\":64{more}}}";

    /// <summary>Sizes that <paramref name="more"/> does not say itself.</summary>
    private static string Merge(string? more) => more is null ? Sizes
        : string.Join(',', Sizes.Split(',').Where(size => !more.StartsWith(size.Split(':')[0] + ":", StringComparison.Ordinal) && !more.Contains("," + size.Split(':')[0] + ":", StringComparison.Ordinal))) + "," + more;
}
