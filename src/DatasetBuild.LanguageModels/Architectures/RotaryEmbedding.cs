using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Frequencies, and what the tables of cosines and sines are multiplied by.</summary>
/// <param name="Frequencies">Radians a position for each pair of dimensions, in float32 as the reference keeps them.</param>
/// <param name="Magnitude">1 but for YaRN and LongRoPE.</param>
/// <param name="ServesOneLength">It was made for one length of sequences, so that keeping it is of no use.</param>
internal sealed record RotarySet(float[] Frequencies, float Magnitude, bool ServesOneLength = false);

/// <summary>
/// Which angle each pair of dimensions turns a position, as <c>rope_scaling</c> (transformers 4) or <c>rope_parameters</c> (transformers 5) say. Pure: what a sequence gets depends on its length alone,
/// where the reference remembers the longest sequence so far.
/// </summary>
internal sealed class RotaryEmbedding
{
    private readonly Func<int, RotarySet>? beyond;

    private RotaryEmbedding(RotarySet plain, int longest, Func<int, RotarySet>? beyond, int context)
    {
        Plain = plain;
        Longest = longest;
        this.beyond = beyond;
        Context = context;
    }

    /// <summary>For sequences up to <see cref="Longest"/>.</summary>
    public RotarySet Plain { get; }

    /// <summary>The longest sequence, in tokens, that <see cref="Plain"/> serves.</summary>
    public int Longest { get; }

    /// <summary>The longest sequence that the positions are made for.</summary>
    public int Context { get; }

    /// <summary>What a sequence of that many tokens gets.</summary>
    public RotarySet For(int length) => beyond is null || length <= Longest ? Plain : beyond(length);

    /// <param name="config">The model's.</param>
    /// <param name="rope">What says how to scale: <c>rope_scaling</c> or (a part of) <c>rope_parameters</c>; null: not at all.</param>
    /// <param name="headSize">Dimensions of a head.</param>
    /// <param name="share">Of them that are turned, where <paramref name="rope"/> does not say.</param>
    /// <param name="theta">The base, where <paramref name="rope"/> does not say.</param>
    /// <param name="context">max_position_embeddings.</param>
    /// <param name="original">original_max_position_embeddings, where the model's own configuration says it; null: it does not.</param>
    /// <exception cref="DatasetException">The scaling is not known or not possible (DSB3051, DSB3053).</exception>
    public static RotaryEmbedding Create(ModelConfig config, ModelConfig? rope, int headSize, double share, double theta, int context, int? original = null)
    {
        theta = rope?.NumberOrNull("rope_theta", null) ?? theta;
        share = rope?.NumberOrNull("partial_rotary_factor", null) ?? share;
        var dimensions = (int)(headSize * share);
        if (dimensions is < 2 || dimensions > headSize || dimensions % 2 != 0 || theta <= 0)
        {
            throw config.Impossible($"rotary embedding over {dimensions} of {headSize} dimensions with base {theta} is not possible");
        }

        var scaling = new Scaling(config, rope, dimensions, theta, context, original);
        var type = rope?.TextOrNull("rope_type", null) ?? rope?.TextOrNull("type", null) ?? "default";
        return type switch
        {
            "default" => new(new RotarySet(scaling.Frequencies(), 1), int.MaxValue, null, context),
            "linear" => scaling.Linear(),
            "dynamic" => scaling.Dynamic(),
            "longrope" or "su" => scaling.Long(),
            "yarn" when rope!.Holds("long_factor") => scaling.Long(), // as Phi-3 called it for a time
            "yarn" => scaling.Yarn(),
            "llama3" => scaling.Llama3(),
            _ => throw rope!.Unsupported(rope.Holds("rope_type") ? "rope_type" : "type", $"the scaling of positions '{type}'"),
        };
    }

    private sealed class Scaling(ModelConfig config, ModelConfig? rope, int dimensions, double theta, int context, int? own)
    {
        private ModelConfig Rope => rope!;

        private double Factor => Rope.NumberOrNull("factor", null) is { } factor and > 0 ? factor : throw Rope.Wrong("factor", "a number above 0");

        public float[] Frequencies() => Frequencies(theta);

        private float[] Frequencies(double @base)
        {
            var frequencies = new float[dimensions / 2];
            for (var i = 0; i < frequencies.Length; i++)
            {
                frequencies[i] = 1 / Wave(@base, i);
            }

            return frequencies;
        }

        /// <summary>base^(2i/d), rounded where float32 rounds.</summary>
        private float Wave(double @base, int i) => (float)Elementary.Pow(@base, 2f * i / dimensions);

        public RotaryEmbedding Linear()
        {
            var frequencies = Frequencies();
            for (var i = 0; i < frequencies.Length; i++)
            {
                frequencies[i] /= (float)Factor;
            }

            return Fixed(frequencies, 1, Stretched(context));
        }

        public RotaryEmbedding Dynamic()
        {
            var factor = Factor;
            return dimensions > 2
                ? new(new RotarySet(Frequencies(), 1), context, Longer, int.MaxValue)
                : throw config.Impossible("dynamic scaling of positions takes more than two dimensions");

            RotarySet Longer(int length)
            {
                var stretch = (factor * length / context) - (factor - 1);
                return stretch > 0
                    ? new RotarySet(Frequencies(theta * Elementary.Pow(stretch, (double)dimensions / (dimensions - 2))), 1, ServesOneLength: true)
                    : throw config.Impossible($"dynamic scaling of positions by {factor} is not possible for {length} tokens");
            }
        }

        public RotaryEmbedding Yarn()
        {
            // Until 4.50 transformers did not read this key here: a file that they wrote means max_position_embeddings.
            var original = config.WrittenBetween("4.43", "4.51") ? context : Original();
            var factor = Rope.Holds("factor") ? Factor : (double)context / original;
            var magnitude = Rope.NumberOrNull("attention_factor", null) ?? Magnitude();
            var low = Correction(Rope.NumberOrNull("beta_fast", null) is { } fast and not 0 ? fast : 32);
            var high = Correction(Rope.NumberOrNull("beta_slow", null) is { } slow and not 0 ? slow : 1);
            if (Rope.Flag("truncate", true))
            {
                low = Math.Floor(low);
                high = Math.Ceiling(high);
            }

            low = Math.Max(low, 0);
            high = Math.Min(high, dimensions - 1);
            high = low == high ? high + 0.001 : high;
            var frequencies = new float[dimensions / 2];
            for (var i = 0; i < frequencies.Length; i++)
            {
                var wave = Wave(theta, i);
                var ramp = Math.Clamp((float)((i - low) / (high - low)), 0, 1);
                frequencies[i] = (1 / ((float)factor * wave) * ramp) + (1 / wave * (1 - ramp));
            }

            return Fixed(frequencies, (float)magnitude, Math.Max(Stretched(original), context));

            double Magnitude()
            {
                var scale = Rope.NumberOrNull("mscale", null) ?? 0;
                var all = Rope.NumberOrNull("mscale_all_dim", null) ?? 0;
                return scale != 0 && all != 0 ? MagnitudeOf(scale) / MagnitudeOf(all) : MagnitudeOf(1);
            }

            double MagnitudeOf(double scale) => factor <= 1 ? 1 : (0.1 * scale * Elementary.Log(factor)) + 1;

            double Correction(double rotations) => dimensions * Elementary.Log(original / (rotations * 2 * Math.PI)) / (2 * Elementary.Log(theta));
        }

        public RotaryEmbedding Long()
        {
            var original = Original();
            var factor = Rope.NumberOrNull("factor", null) ?? ((double)context / original);
            var magnitude = Rope.NumberOrNull("attention_factor", null) ?? (factor <= 1 ? 1 : Math.Sqrt(1 + (Elementary.Log(factor) / Elementary.Log(original))));
            var longer = new RotarySet(Divided("long_factor"), (float)magnitude);
            return new(new RotarySet(Divided("short_factor"), (float)magnitude), original, _ => longer, context);

            float[] Divided(string key)
            {
                var factors = Rope.Numbers(key) is { } list && list.Count == dimensions / 2 ? list : throw Rope.Wrong(key, $"a list of {dimensions / 2} numbers");
                return [.. factors.Select((value, i) => 1 / ((float)value * Wave(theta, i)))];
            }
        }

        public RotaryEmbedding Llama3()
        {
            var original = Original();
            float factor = (float)Factor, slow = (float)Needed("low_freq_factor"), fast = (float)Needed("high_freq_factor");
            var frequencies = Frequencies();
            for (var i = 0; i < frequencies.Length; i++)
            {
                var frequency = frequencies[i];
                var length = 2 * MathF.PI / frequency;
                var smooth = ((original / length) - slow) / (fast - slow);
                frequencies[i] = length > original / slow ? frequency / factor
                    : length < original / fast ? frequency
                    : ((1 - smooth) * frequency / factor) + (smooth * frequency);
            }

            return Fixed(frequencies, 1, Math.Max(Stretched(original), context));
        }

        private double Needed(string key) => Rope.NumberOrNull(key, null) ?? throw Rope.Wrong(key, "a number");

        /// <summary>The context before it was stretched.</summary>
        private int Original() => own ?? Rope.CountOr("original_max_position_embeddings", context);

        private int Stretched(int length) => Rope.Holds("factor") ? (int)Math.Clamp(length * Math.Max(Factor, 1), 1, int.MaxValue) : length;

        private static RotaryEmbedding Fixed(float[] frequencies, float magnitude, int context) => new(new RotarySet(frequencies, magnitude), int.MaxValue, null, context);
    }
}
