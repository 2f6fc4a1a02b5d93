using System.Text.Json.Nodes;

namespace DatasetBuild.LanguageModels.Tests.Oracle;

/// <summary>
/// The forward pass of every architecture in float64, one loop after the other, written from the reference's modelling code. It reads configurations and tensors by itself and shares no code with
/// what it checks.
/// </summary>
internal sealed class PlainDecoder(TinyModel model)
{
    private string Type => model.Type;

    private bool IsGemma => Type is "gemma" or "gemma2" or "gemma3_text";

    private string Prefix => Type switch { "gpt2" => "transformer.", "gpt_neox" => "gpt_neox.", _ => "model." };

    /// <summary>Losses of all tokens but the first.</summary>
    public double[] Losses(int[] ids)
    {
        var states = ids.Select((id, position) => Embed(id, position)).ToArray();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            states = Layer(states, layer);
        }

        var losses = new double[Math.Max(0, ids.Length - 1)];
        for (var i = 0; i < losses.Length; i++)
        {
            var logits = Logits(states[i]);
            var max = logits.Max();
            losses[i] = max + Math.Log(logits.Sum(logit => Math.Exp(logit - max))) - logits[ids[i + 1]];
        }

        return losses;
    }

    /// <summary>Shares of all words behind the last token.</summary>
    public double[] Shares(int[] ids)
    {
        var states = ids.Select((id, position) => Embed(id, position)).ToArray();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            states = Layer(states, layer);
        }

        var logits = Logits(states[^1]);
        var max = logits.Max();
        var sum = logits.Sum(logit => Math.Exp(logit - max));
        return [.. logits.Select(logit => Math.Exp(logit - max) / sum)];
    }

    /// <summary>States behind the last norm.</summary>
    public double[][] States(int[] ids)
    {
        var states = ids.Select((id, position) => Embed(id, position)).ToArray();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            states = Layer(states, layer);
        }

        return [.. states.Select(FinalNorm)];
    }

    private double[] Embed(int id, int position)
    {
        var name = Type switch { "gpt2" => "wte", "gpt_neox" => "embed_in", _ => "embed_tokens" };
        var row = Row(model[$"{Prefix}{name}.weight"], id, model.Hidden);
        if (IsGemma)
        {
            row = [.. row.Select(value => value * Math.Sqrt(model.Hidden))];
        }

        return Type == "gpt2" ? Sum(row, Row(model["transformer.wpe.weight"], position, model.Hidden)) : row;
    }

    private double[] FinalNorm(double[] state) => Norm(state, Type switch { "gpt2" => "transformer.ln_f", "gpt_neox" => "gpt_neox.final_layer_norm", _ => "model.norm" });

    private double[] Logits(double[] state)
    {
        var head = model.Tied
            ? $"{Prefix}{(Type == "gpt2" ? "wte" : Type == "gpt_neox" ? "embed_in" : "embed_tokens")}.weight"
            : Type == "gpt_neox" ? "embed_out.weight" : "lm_head.weight";
        var logits = Multiply(model[head], FinalNorm(state), model.Vocabulary);
        var cap = Type is "gemma2" or "gemma3_text" ? model.Number("final_logit_softcapping", Type == "gemma2" ? 30 : 0) : 0;
        return cap == 0 ? logits : [.. logits.Select(logit => cap * Math.Tanh(logit / cap))];
    }

    private double[][] Layer(double[][] states, int layer)
    {
        var at = Type == "gpt2" ? $"transformer.h.{layer}." : $"{Prefix}layers.{layer}.";
        double[][] Each(double[][] rows, Func<double[], double[]> of) => [.. rows.Select(of)];
        double[][] Plus(double[][] left, double[][] right) => [.. left.Zip(right, Sum)];
        switch (Type)
        {
            case "gpt2":
                states = Plus(states, Attend(Each(states, x => Norm(x, at + "ln_1")), at, layer));
                return Plus(states, Each(states, x => FeedForward(Norm(x, at + "ln_2"), at)));
            case "gpt_neox" when model.Flag("use_parallel_residual", true):
                return Plus(Plus(states, Attend(Each(states, x => Norm(x, at + "input_layernorm")), at, layer)), Each(states, x => FeedForward(Norm(x, at + "post_attention_layernorm"), at)));
            case "stablelm" when model.Flag("use_parallel_residual", false):
                var shared = Each(states, x => Norm(x, at + "input_layernorm"));
                return Plus(Plus(states, Attend(shared, at, layer)), Each(shared, x => FeedForward(x, at)));
            case "gemma2" or "gemma3_text":
                states = Plus(states, Each(Attend(Each(states, x => Norm(x, at + "input_layernorm")), at, layer), x => Norm(x, at + "post_attention_layernorm")));
                return Plus(states, Each(states, x => Norm(FeedForward(Norm(x, at + "pre_feedforward_layernorm"), at), at + "post_feedforward_layernorm")));
            case "olmo2":
                states = Plus(states, Each(Attend(states, at, layer), x => Norm(x, at + "post_attention_layernorm")));
                return Plus(states, Each(states, x => Norm(FeedForward(x, at), at + "post_feedforward_layernorm")));
            default:
                states = Plus(states, Attend(Each(states, x => Norm(x, at + "input_layernorm")), at, layer));
                return Plus(states, Each(states, x => FeedForward(Norm(x, at + "post_attention_layernorm"), at)));
        }
    }

    private double[][] Attend(double[][] inputs, string at, int layer)
    {
        int heads = model.Heads, shared = heads / model.KeyValueHeads, size = model.HeadSize;
        var projected = inputs.Select(x => Project(x, at)).ToArray();
        for (var position = 0; position < inputs.Length; position++)
        {
            var (q, k, _) = projected[position];
            NormaliseHeads(q, at + (Type == "stablelm" ? "self_attn.q_layernorm" : "self_attn.q_norm"));
            NormaliseHeads(k, at + (Type == "stablelm" ? "self_attn.k_layernorm" : "self_attn.k_norm"));
            if (Type != "gpt2")
            {
                var (angles, magnitude) = new PlainRotary(model).Angles(layer, position, inputs.Length);
                foreach (var head in q.Concat(k))
                {
                    Turn(head, angles, magnitude);
                }
            }
        }

        var scale = Type switch
        {
            "gpt2" => (model.Flag("scale_attn_weights", true) ? 1 / Math.Sqrt(size) : 1) / (model.Flag("scale_attn_by_inverse_layer_idx", false) ? layer + 1 : 1),
            "gemma2" or "gemma3_text" => 1 / Math.Sqrt(model.Number("query_pre_attn_scalar", 256)),
            _ => 1 / Math.Sqrt(size),
        };
        var cap = Type == "gemma2" ? model.Number("attn_logit_softcapping", 50) : 0;
        var window = Window(layer);
        return [.. Enumerable.Range(0, inputs.Length).Select(i =>
        {
            var joined = new double[heads * size];
            for (var head = 0; head < heads; head++)
            {
                var first = window == 0 ? 0 : Math.Max(0, i - window + 1);
                var scores = Enumerable.Range(first, i + 1 - first).Select(j => scale * Dot(projected[i].Q[head], projected[j].K[head / shared])).ToArray();
                scores = cap == 0 ? scores : [.. scores.Select(score => cap * Math.Tanh(score / cap))];
                var max = scores.Max();
                var shares = scores.Select(score => Math.Exp(score - max)).ToArray();
                var sum = shares.Sum();
                for (var j = 0; j < shares.Length; j++)
                {
                    for (var d = 0; d < size; d++)
                    {
                        joined[(head * size) + d] += shares[j] / sum * projected[first + j].V[head / shared][d];
                    }
                }
            }

            return Type switch
            {
                "gpt2" => Conv(joined, at + "attn.c_proj", model.Hidden),
                "gpt_neox" => Linear(joined, at + "attention.dense", model.Hidden),
                _ => Linear(joined, at + "self_attn.o_proj", model.Hidden),
            };
        })];
    }

    private int Window(int layer)
    {
        var types = model.Config["layer_types"]?.AsArray().Select(type => type!.GetValue<string>()).ToArray();
        var isWindowed = Type switch
        {
            "mistral" or "mixtral" or "phi3" => true,
            "qwen2" or "qwen3" => model.Flag("use_sliding_window", false) && (types is null ? layer >= model.Int("max_window_layers", 28) : types[layer] == "sliding_attention"),
            "gemma2" => types is null ? layer % 2 == 0 : types[layer] == "sliding_attention",
            "gemma3_text" => PlainRotary.IsLocal(model, layer),
            _ => false,
        };
        return isWindowed ? model.Int("sliding_window", 0) : 0;
    }

    private (double[][] Q, double[][] K, double[][] V) Project(double[] x, string at)
    {
        int size = model.HeadSize, queries = model.Heads * size, keys = model.KeyValueHeads * size;
        double[][] Heads(IEnumerable<double> values) => [.. values.Chunk(size)];
        switch (Type)
        {
            case "gpt2":
            {
                var all = Conv(x, at + "attn.c_attn", 3 * model.Hidden);
                return (Heads(all.Take(queries)), Heads(all.Skip(queries).Take(queries)), Heads(all.Skip(2 * queries)));
            }

            case "gpt_neox":
            {
                // [heads, 3 x size]: query, key and value of a head lie together.
                var all = Heads(Linear(x, at + "attention.query_key_value", 3 * model.Hidden));
                return ([.. all.Where((_, i) => i % 3 == 0)], [.. all.Where((_, i) => i % 3 == 1)], [.. all.Where((_, i) => i % 3 == 2)]);
            }

            case "phi3":
            {
                var all = Linear(x, at + "self_attn.qkv_proj", queries + (2 * keys));
                return (Heads(all.Take(queries)), Heads(all.Skip(queries).Take(keys)), Heads(all.Skip(queries + keys)));
            }

            default:
            {
                double[] Part(string name, int count)
                {
                    var values = Linear(x, $"{at}self_attn.{name}", count);
                    return model.Config["clip_qkv"] is { } clip ? [.. values.Select(value => Math.Clamp(value, -clip.GetValue<double>(), clip.GetValue<double>()))] : values;
                }

                return (Heads(Part("q_proj", queries)), Heads(Part("k_proj", keys)), Heads(Part("v_proj", keys)));
            }
        }
    }

    private void NormaliseHeads(double[][] heads, string name)
    {
        if (Type is "qwen3" or "gemma3_text")
        {
            for (var head = 0; head < heads.Length; head++)
            {
                Norm(heads[head], name).CopyTo(heads[head], 0);
            }
        }
        else if (Type == "olmo2")
        {
            var all = Norm([.. heads.SelectMany(head => head)], name);
            for (var head = 0; head < heads.Length; head++)
            {
                all.AsSpan(head * heads[head].Length, heads[head].Length).CopyTo(heads[head]);
            }
        }
        else if (Type == "stablelm" && model.Flag("qk_layernorm", false))
        {
            for (var head = 0; head < heads.Length; head++)
            {
                Norm(heads[head], $"{name}.norms.{head}").CopyTo(heads[head], 0);
            }
        }
    }

    private static void Turn(double[] head, double[] angles, double magnitude)
    {
        var half = angles.Length;
        for (var i = 0; i < half; i++)
        {
            var (a, b) = (head[i], head[i + half]);
            head[i] = ((a * Math.Cos(angles[i])) - (b * Math.Sin(angles[i]))) * magnitude;
            head[i + half] = ((b * Math.Cos(angles[i])) + (a * Math.Sin(angles[i]))) * magnitude;
        }
    }

    private double[] FeedForward(double[] x, string at)
    {
        switch (Type)
        {
            case "gpt2":
                return Conv([.. Conv(x, at + "mlp.c_fc", model.Inner).Select(Activation)], at + "mlp.c_proj", model.Hidden);
            case "gpt_neox":
                return Linear([.. Linear(x, at + "mlp.dense_h_to_4h", model.FeedForward).Select(Activation)], at + "mlp.dense_4h_to_h", model.Hidden);
            case "phi3":
                var both = Linear(x, at + "mlp.gate_up_proj", 2 * model.FeedForward);
                return Linear([.. both.Take(model.FeedForward).Zip(both.Skip(model.FeedForward), (gate, up) => Activation(gate) * up)], at + "mlp.down_proj", model.Hidden);
            case "mixtral":
                var logits = Linear(x, at + "block_sparse_moe.gate", model.Int("num_local_experts", 8));
                var shares = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
                var best = Enumerable.Range(0, shares.Length).OrderByDescending(expert => shares[expert]).Take(model.Int("num_experts_per_tok", 2)).ToArray();
                var sum = best.Sum(expert => shares[expert]);
                return best.Select(expert => Gated(x, $"{at}block_sparse_moe.experts.{expert}.", "w1", "w3", "w2").Select(value => value * shares[expert] / sum).ToArray()).Aggregate(Sum);
            default:
                return Gated(x, at + "mlp.", "gate_proj", "up_proj", "down_proj");
        }
    }

    private double[] Gated(double[] x, string at, string gate, string up, string down) =>
        Linear([.. Linear(x, at + gate, model.FeedForward).Zip(Linear(x, at + up, model.FeedForward), (g, u) => Activation(g) * u)], at + down, model.Hidden);

    private double Activation(double x)
    {
        var name = Type switch
        {
            "gpt2" => model.Config["activation_function"]?.GetValue<string>() ?? "gelu_new",
            "gpt_neox" => model.Config["hidden_act"]?.GetValue<string>() ?? "gelu",
            "gemma" or "gemma2" or "gemma3_text" => model.Config["hidden_activation"]?.GetValue<string>() ?? "gelu_pytorch_tanh",
            _ => model.Config["hidden_act"]?.GetValue<string>() ?? "silu",
        };
        return name switch
        {
            "silu" => x / (1 + Math.Exp(-x)),
            "gelu" => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
            "relu" => Math.Max(0, x),
            "quick_gelu" => x / (1 + Math.Exp(-1.702 * x)),
            _ => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        };
    }

    /// <summary>By its series, which is exact enough for the small arguments here.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
        {
            return Math.Sign(x);
        }

        double term = x, sum = x;
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private double[] Norm(double[] x, string name)
    {
        var weights = Type == "olmo" ? null : model[name + ".weight"];
        if (Type is "gpt2" or "gpt_neox" or "stablelm" or "olmo")
        {
            var epsilon = Type == "olmo" ? 1e-5 : model.Number(Type == "gpt2" ? "layer_norm_epsilon" : "layer_norm_eps", 1e-5);
            var mean = x.Average();
            var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + epsilon);
            return [.. x.Select((value, i) => ((value - mean) / deviation * (weights?[i] ?? 1)) + (model.Has(name + ".bias") ? model[name + ".bias"][i] : 0))];
        }

        var rms = Math.Sqrt(x.Average(value => value * value) + model.Number("rms_norm_eps", Type is "mixtral" or "phi3" or "olmo2" ? 1e-5 : 1e-6));
        return [.. x.Select((value, i) => value / rms * (weights![i] + (IsGemma ? 1 : 0)))];
    }

    private double[] Linear(double[] x, string name, int outputs)
    {
        var product = Multiply(model[name + ".weight"], x, outputs);
        return model.Has(name + ".bias") ? Sum(product, model[name + ".bias"]) : product;
    }

    private double[] Conv(double[] x, string name, int outputs)
    {
        var weights = model[name + ".weight"];
        return [.. Enumerable.Range(0, outputs).Select(o => model[name + ".bias"][o] + x.Select((value, i) => value * weights[(i * outputs) + o]).Sum())];
    }

    private static double[] Multiply(double[] weights, double[] x, int outputs) =>
        [.. Enumerable.Range(0, outputs).Select(o => Dot(weights.AsSpan(o * x.Length, x.Length), x))];

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    private static double[] Row(double[] table, int row, int width) => table[(row * width)..((row + 1) * width)];

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];
}

/// <summary>Angles of rotary embedding in float64, by each kind of scaling.</summary>
internal sealed class PlainRotary(TinyModel model)
{
    public static bool IsLocal(TinyModel model, int layer) => model.Config["layer_types"]?.AsArray()[layer]!.GetValue<string>() is { } type
        ? type == "sliding_attention"
        : (layer + 1) % model.Int("sliding_window_pattern", 6) != 0;

    public (double[] Angles, double Magnitude) Angles(int layer, int position, int length)
    {
        var isLocal = model.Type == "gemma3_text" && IsLocal(model, layer);
        var rope = (model.Config["rope_scaling"] ?? model.Config["rope_parameters"]) as JsonObject;
        if (rope?["full_attention"] is not null)
        {
            rope = rope[isLocal ? "sliding_attention" : "full_attention"] as JsonObject;
        }
        else if (isLocal)
        {
            rope = null;
        }

        double Of(string key, double missing) => rope?[key]?.GetValue<double>() ?? missing;
        var theta = Of("rope_theta", model.Type switch
        {
            "gpt_neox" => model.Number("rotary_emb_base", 10000),
            "gemma3_text" when isLocal => model.Number("rope_local_base_freq", 10000),
            _ => model.Number("rope_theta", model.Type is "mixtral" or "gemma3_text" ? 1e6 : 10000),
        });
        var share = Of("partial_rotary_factor", model.Type switch
        {
            "gpt_neox" => model.Number("rotary_pct", 0.25),
            "stablelm" => model.Number("partial_rotary_factor", 0.25),
            _ => model.Number("partial_rotary_factor", 1),
        });
        var dimensions = (int)(model.HeadSize * share);
        var context = model.Number("max_position_embeddings", 0);
        var factor = Of("factor", 1);
        var original = model.Config["original_max_position_embeddings"]?.GetValue<double>() ?? Of("original_max_position_embeddings", context);
        var kind = rope?["rope_type"]?.GetValue<string>() ?? rope?["type"]?.GetValue<string>() ?? "default";
        if (kind == "yarn" && rope!["long_factor"] is not null)
        {
            kind = "longrope";
        }
        else if (kind == "yarn" && model.Config["transformers_version"]?.GetValue<string>() == "4.45.1")
        {
            original = context;
        }

        if (kind == "dynamic" && length > context)
        {
            theta *= Math.Pow((factor * length / context) - (factor - 1), dimensions / (dimensions - 2.0));
        }

        var frequencies = Enumerable.Range(0, dimensions / 2).Select(i => Math.Pow(theta, -2.0 * i / dimensions)).ToArray();
        var magnitude = 1.0;
        switch (kind)
        {
            case "linear":
                frequencies = [.. frequencies.Select(frequency => frequency / factor)];
                break;
            case "llama3":
                double low = Of("low_freq_factor", 0), high = Of("high_freq_factor", 0);
                frequencies = [.. frequencies.Select(frequency =>
                {
                    var wave = 2 * Math.PI / frequency;
                    var smooth = ((original / wave) - low) / (high - low);
                    return wave > original / low ? frequency / factor : wave < original / high ? frequency : ((1 - smooth) * frequency / factor) + (smooth * frequency);
                })];
                break;
            case "yarn":
                double Rotations(double count) => dimensions * Math.Log(original / (count * 2 * Math.PI)) / (2 * Math.Log(theta));
                var first = Math.Max(Math.Floor(Rotations(Of("beta_fast", 32))), 0);
                var last = Math.Min(Math.Ceiling(Rotations(Of("beta_slow", 1))), dimensions - 1);
                last = first == last ? last + 0.001 : last;
                frequencies = [.. frequencies.Select((frequency, i) =>
                {
                    var ramp = Math.Clamp((i - first) / (last - first), 0, 1);
                    return (frequency / factor * ramp) + (frequency * (1 - ramp));
                })];
                magnitude = Of("attention_factor", (0.1 * Math.Log(factor)) + 1);
                break;
            case "longrope" or "su":
                var factors = rope![length > original ? "long_factor" : "short_factor"]!.AsArray().Select(value => value!.GetValue<double>()).ToArray();
                frequencies = [.. frequencies.Select((frequency, i) => frequency / factors[i])];
                var stretch = context / original;
                magnitude = stretch <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(stretch) / Math.Log(original)));
                break;
            default:
                break;
        }

        return ([.. frequencies.Select(frequency => frequency * position)], magnitude);
    }
}
