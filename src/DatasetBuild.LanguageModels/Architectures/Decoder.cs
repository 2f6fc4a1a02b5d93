using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Architectures;

internal enum NormKind : byte
{
    /// <summary>RMSNorm; y = x / rms(x) * weight.</summary>
    Rms,

    /// <summary>RMSNorm whose stored weights are less by one (Gemma).</summary>
    RmsPlusOne,

    /// <summary>LayerNorm with weight and bias.</summary>
    Layer,

    /// <summary>LayerNorm with neither (OLMo).</summary>
    LayerPlain,
}

/// <summary>How queries and keys are normalised before they are turned.</summary>
internal enum HeadNorm : byte
{
    None,

    /// <summary>Each head, with one set of weights for all (Qwen 3, Gemma 3).</summary>
    EachHead,

    /// <summary>All heads of a token together (OLMo 2).</summary>
    AllHeads,

    /// <summary>LayerNorm without bias, each head with weights of its own (StableLM).</summary>
    EachHeadOwn,
}

/// <summary>How the weights of queries, keys and values lie in the files.</summary>
internal enum QueryKeyValueLayout : byte
{
    /// <summary>Three matrices.</summary>
    Separate,

    /// <summary>One: all queries, all keys, all values.</summary>
    Joined,

    /// <summary>One: query, key and value of each head in turn (GPT-NeoX).</summary>
    JoinedByHead,
}

/// <summary>What is particular to one layer.</summary>
/// <param name="Rotary">How positions turn queries and keys; null: not at all.</param>
/// <param name="Window">A token sees itself and the <c>Window - 1</c> before it; 0: all before it.</param>
/// <param name="Scale">What scores are multiplied by.</param>
internal sealed record LayerPlan(RotaryEmbedding? Rotary, int Window, float Scale);

/// <summary>
/// The description of a decoder: sizes, the choice among the shared blocks, and the names of its tensors. One file an architecture makes it from a configuration; everything else is common.
/// </summary>
internal sealed record Decoder
{
    public required int Vocabulary { get; init; }

    /// <summary>Values of a hidden state.</summary>
    public required int Hidden { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    /// <summary>Dimensions of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Values between the matrices of the feed-forward block.</summary>
    public required int FeedForward { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int Context { get; init; }

    public required IReadOnlyList<LayerPlan> Layers { get; init; }

    public required TensorNames Names { get; init; }

    public NormKind Norm { get; init; } = NormKind.Rms;

    public required float Epsilon { get; init; }

    /// <summary>Attention and feed-forward read the same state and are added together (GPT-NeoX).</summary>
    public bool Parallel { get; init; }

    /// <summary>Embeddings are multiplied by it.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Rows of the table of positions (GPT-2); 0: none.</summary>
    public int Positions { get; init; }

    public QueryKeyValueLayout Layout { get; init; }

    public HeadNorm HeadNorm { get; init; }

    /// <summary>Queries, keys and values are brought into [-Clip, Clip] (OLMo); 0: they are not.</summary>
    public float Clip { get; init; }

    /// <summary>A soft cap on scores; 0: none.</summary>
    public float ScoreCap { get; init; }

    /// <summary>A soft cap on logits; 0: none.</summary>
    public float LogitCap { get; init; }

    public required Activation Activation { get; init; }

    /// <summary>Two matrices whose products are multiplied, instead of one.</summary>
    public bool Gated { get; init; } = true;

    /// <summary>Feed-forward blocks of a layer (Mixtral); 0: one without a router.</summary>
    public int Experts { get; init; }

    public int ExpertsOfToken { get; init; }

    public bool QueryKeyValueBias { get; init; }

    public bool OutputBias { get; init; }

    public bool FeedForwardBias { get; init; }

    /// <summary>Matrices are stored with one row an input (GPT-2).</summary>
    public bool Transposed { get; init; }

    /// <summary>The head is the embedding.</summary>
    public bool Tied { get; init; }

    public AttentionShape Attention(int layer) => new(Heads, KeyValueHeads, HeadSize, Layers[layer].Scale, ScoreCap, Layers[layer].Window);
}

/// <summary>Names of tensors without <c>.weight</c> and <c>.bias</c>. Those of a layer are behind its prefix; what an architecture does not have is null.</summary>
internal sealed record TensorNames
{
    /// <summary>Before all names but the head's. A file may leave it out, as files of the bare model do.</summary>
    public string Prefix { get; init; } = "model.";

    public string Embedding { get; init; } = "embed_tokens";

    public string Positions { get; init; } = "wpe";

    /// <summary>Before the number of a layer.</summary>
    public string Layer { get; init; } = "layers.";

    public string FinalNorm { get; init; } = "norm";

    public string Head { get; init; } = "lm_head";

    public string? AttentionNorm { get; init; } = "input_layernorm";

    public string? AttentionPostNorm { get; init; }

    /// <summary>Null with <see cref="Decoder.Parallel"/>: the attention's.</summary>
    public string? FeedForwardNorm { get; init; } = "post_attention_layernorm";

    public string? FeedForwardPostNorm { get; init; }

    public string Query { get; init; } = "self_attn.q_proj";

    public string Key { get; init; } = "self_attn.k_proj";

    public string Value { get; init; } = "self_attn.v_proj";

    public string QueryKeyValue { get; init; } = "self_attn.qkv_proj";

    public string Output { get; init; } = "self_attn.o_proj";

    public string QueryNorm { get; init; } = "self_attn.q_norm";

    public string KeyNorm { get; init; } = "self_attn.k_norm";

    public string Gate { get; init; } = "mlp.gate_proj";

    public string Up { get; init; } = "mlp.up_proj";

    /// <summary>Gate and up in one matrix; null: they are two.</summary>
    public string? GateUp { get; init; }

    public string Down { get; init; } = "mlp.down_proj";

    public string Router { get; init; } = "block_sparse_moe.gate";

    public string Experts { get; init; } = "block_sparse_moe.experts.";

    /// <summary>The router beside stacked experts: as transformers 5 holds them, all of a layer in one tensor.</summary>
    public string StackedRouter { get; init; } = "mlp.gate";

    /// <summary>Gate and up of all experts: experts x 2 width x hidden. The whole name, as is that of down.</summary>
    public string StackedGateUp { get; init; } = "mlp.experts.gate_up_proj";

    /// <summary>Down of all experts: experts x hidden x width.</summary>
    public string StackedDown { get; init; } = "mlp.experts.down_proj";

    /// <summary>What files of old versions hold besides and nothing reads: ends of names behind a layer's prefix.</summary>
    public IReadOnlyList<string> Inert { get; init; } = ["self_attn.rotary_emb.inv_freq"];
}
