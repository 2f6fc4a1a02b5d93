using System.Buffers.Binary;
using System.Collections.Concurrent;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>
/// The band keys of a record: MinHash over its shingles (Broder 1997), cut into bands (METHODS, section 12.2). A value is the keys, 8 bytes each, little-endian; two records
/// that have one of them in common are worth comparing. A record with fewer units than a shingle has no signature: its first key is a hash of the whole, with the lowest
/// bit set, which no other record's first key has, and its other keys are 0, which stands for none.
/// </summary>
public sealed class NearDuplicateScorer(NearDuplicateRule rule) : IScorer
{
    /// <summary>The bit of a first key that says: too short for a shingle.</summary>
    public const ulong ShortBit = 1;

    private readonly CharacterTable characters = new(rule.Shingles.Folding);
    private readonly ConcurrentBag<Workspace> workspaces = [];
    private readonly ulong[] rowMultipliers = RowMultipliers(rule.Bands.Rows);

    public NearDuplicateRule Rule => rule;

    public ScorerIdentity Identity { get; } = ScorerIdentity.Of(
        ("scorer", "NearDuplicate"),
        ("version", "2"),
        ("part", rule.Part.ToString()),
        ("shingles", rule.Shingles.Identity),
        ("permutations", rule.Permutations.Identity),
        ("bands", FormattableString.Invariant($"{rule.Bands.Bands}x{rule.Bands.Rows}")));

    public int Width => rule.Bands.Bands * sizeof(ulong);

    /// <summary>A shingler of the rule, which knows the characters that others of it know.</summary>
    public Shingler NewShingler() => new(rule.Shingles, characters);

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states)
    {
        if (!workspaces.TryTake(out var workspace))
        {
            workspace = new Workspace(this);
        }

        for (var i = 0; i < batch.Count; i++)
        {
            var conversation = batch[i];
            if (!conversation.Has(rule.Part))
            {
                states[i] = PartScoring.WhyMissing(conversation);
                continue;
            }

            workspace.Write(conversation, values.Slice(i * Width, Width));
            states[i] = 1;
        }

        workspaces.Add(workspace);
    }

    /// <summary>The signature of one text, one value for each permutation; null where it is too short for a shingle. <paramref name="folded"/> is what was compared.</summary>
    public ulong[]? SignatureOf(ReadOnlySpan<byte> text, out string folded) => new Workspace(this).SignatureOf(text, out folded);

    /// <summary>The band keys of a signature.</summary>
    public ulong[] BandsOf(ulong[] signature)
    {
        var keys = new ulong[rule.Bands.Bands];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = KeyOf(signature, i);
        }

        return keys;
    }

    private static ulong[] RowMultipliers(int rows)
    {
        ulong state = 0;
        var multipliers = new ulong[rows];
        for (var row = 0; row < rows; row++)
        {
            multipliers[row] = SplitMix64.Next(ref state) | 1;
        }

        return multipliers;
    }

    /// <summary>A sum of a band's rows, each times an odd number of its own, mixed: equal rows have equal keys, others but for an accident of 63 bits.</summary>
    private ulong KeyOf(ulong[] signature, int number)
    {
        ulong key = 0;
        var rows = signature.AsSpan(number * rowMultipliers.Length, rowMultipliers.Length);
        for (var row = 0; row < rows.Length; row++)
        {
            key += rows[row] * rowMultipliers[row];
        }

        return SplitMix64.Mix(key) & ~ShortBit;
    }

    private sealed class Workspace
    {
        private readonly NearDuplicateScorer scorer;
        private readonly NearDuplicateRule rule;
        private readonly Shingler shingler;
        private readonly ulong[] signature;
        private readonly Shingler.Take take;

        public Workspace(NearDuplicateScorer scorer)
        {
            this.scorer = scorer;
            rule = scorer.Rule;
            shingler = scorer.NewShingler();
            signature = new ulong[rule.Permutations.Count];
            take = shingles => MinHashKernel.Update(rule.Permutations, shingles, signature);
        }

        public void Write(Conversation conversation, Span<byte> value)
        {
            Array.Fill(signature, ulong.MaxValue);
            if (!shingler.Shingle(conversation, rule.Part, take, out var whole))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(value, whole | ShortBit);
                return;
            }

            for (var i = 0; i < rule.Bands.Bands; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(value[(i * sizeof(ulong))..], scorer.KeyOf(signature, i));
            }
        }

        public ulong[]? SignatureOf(ReadOnlySpan<byte> text, out string folded)
        {
            Array.Fill(signature, ulong.MaxValue);
            var has = shingler.Shingle(text, take);
            folded = System.Text.Encoding.UTF8.GetString(shingler.Text);
            return has ? [.. signature] : null;
        }
    }
}
