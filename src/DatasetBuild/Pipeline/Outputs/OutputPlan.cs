using System.Buffers.Binary;
using System.Numerics;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Decides, from the selected records alone, how they are written: the schema, the splits, the number of files, and which record goes where.
/// </summary>
internal sealed class OutputPlan
{
    /// <summary>Below so many selected bytes there is one file.</summary>
    private const long BytesPerFile = 512L << 20;

    private readonly Pool pool;
    private readonly Settings settings;
    private readonly int[] selected;
    private readonly ushort[] fileOf;
    private readonly Func<RecordKey[]> clusterKeys;

    /// <param name="session">The build.</param>
    /// <param name="pool">All records.</param>
    /// <param name="selected">Those to write, ascending.</param>
    /// <param name="clusterKeys">The key by which a record's cluster goes, by record; asked where there is a split.</param>
    public OutputPlan(BuildSession session, Pool pool, int[] selected, Func<RecordKey[]> clusterKeys)
    {
        this.pool = pool;
        this.selected = selected;
        this.clusterKeys = clusterKeys;
        settings = session.Settings;
        fileOf = new ushort[selected.Length];
        Schema = ChooseSchema(settings, pool.DialectSet, session.Plan.Project);

        var facts = ReadFacts(session);
        Bytes = facts.Bytes;
        Traits = facts.Union;
        AllPlain = facts.Common.HasFlag(RecordTraits.PlainExchange);
        Files = Assign(facts);
        WarnOfEmptySplit(session);
    }

    public OutputSchema Schema { get; }

    /// <summary>How much the selected records take in their shards.</summary>
    public long Bytes { get; }

    /// <summary>Everything that occurs among the selected records.</summary>
    public RecordTraits Traits { get; }

    /// <summary>Whether every selected record is one plain exchange.</summary>
    public bool AllPlain { get; }

    public IReadOnlyList<OutputFile> Files { get; }

    /// <summary>The selected records, ascending.</summary>
    public ReadOnlySpan<int> Selected => selected;

    /// <summary>The place in <see cref="Files"/> of the i-th selected record.</summary>
    public int FileOf(int i) => fileOf[i];

    /// <summary>The split that the i-th selected record stands in.</summary>
    public string SplitOf(int i) => Files[fileOf[i]].Split;

    /// <summary>Whether records are held out.</summary>
    public bool HasSplits => settings.ValidationSplit is not null;

    /// <summary>What the format of a line depends on, beyond its record: no more, or a new record would rewrite files that stay the same.</summary>
    public string LineFormat => $"{Schema.ToString()}/{Schema switch
    {
        OutputSchema.Source => "",
        OutputSchema.PromptCompletion when AllPlain => "plain",
        _ => (Traits.HasFlag(RecordTraits.HasTools) ? "tools" : "") + "/" + (Traits.HasFlag(RecordTraits.Extended) ? "extended" : ""),
    }}/1";

    private void WarnOfEmptySplit(BuildSession session)
    {
        if (settings.ValidationSplit is null || selected.Length == 0)
        {
            return;
        }

        foreach (var split in Files.GroupBy(file => file.Split).Where(split => split.Sum(file => file.Records) == 0))
        {
            session.Report(ItemLocation.Property(session.Plan.Project, "DatasetValidationSplit").Say(
                Severity.Warning,
                DataCodes.EmptySplit,
                $"DatasetValidationSplit leaves no record for {split.Key}. Keys decide, the same in every project: too few records may all fall on one side, and of what another dataset with this split has selected for training none is held out."));
        }
    }

    /// <summary>The schema that is declared, or else one that holds all that occurs.</summary>
    /// <param name="settings">The project's.</param>
    /// <param name="dialects">Those of the pool, a bit each.</param>
    /// <param name="project">Where the settings stand.</param>
    /// <exception cref="DatasetException">None does (DSB1023).</exception>
    public static OutputSchema ChooseSchema(Settings settings, int dialects, string project)
    {
        if (settings.Schema is { } declared)
        {
            return declared;
        }

        if (BitOperations.PopCount((uint)dialects) <= 1)
        {
            return OutputSchema.Source;
        }

        return (dialects & (1 << (int)Dialect.Text)) == 0
            ? OutputSchema.Messages
            : throw new DatasetException(
                DataCodes.SchemaCannotHold,
                "the shards hold both raw text and conversations, and no schema holds both. Take one of them out, or set DatasetOutputSchema to Source to have the lines as they are.",
                project);
    }

    private Facts ReadFacts(BuildSession session)
    {
        var contents = new ulong[selected.Length];
        long bytes = 0;
        var union = RecordTraits.None;
        var common = (RecordTraits)0xff;
        RecordContents? scratch = null;
        var i = 0;
        while (i < selected.Length)
        {
            var shard = pool.ShardOf(selected[i]);
            var index = PoolIndexer.Load(session, shard);
            var (hashes, lengths, instances, traits, _) = index.ContentsOnce(ref scratch);
            for (; i < selected.Length && selected[i] < shard.First + shard.Count; i++)
            {
                var place = selected[i] - shard.First;
                contents[i] = hashes[place] + instances[place];
                bytes += lengths[place] + 1;
                union |= traits[place];
                common &= traits[place];
                if (ProblemOf(traits[place]) is { } problem)
                {
                    throw Unwritable(shard, index, place, problem);
                }
            }
        }

        return new Facts(contents, bytes, union, common);
    }

    private string? ProblemOf(RecordTraits traits) => Schema switch
    {
        OutputSchema.Messages when traits.HasFlag(RecordTraits.RawText) => "raw text has no messages",
        OutputSchema.PromptCompletion when traits.HasFlag(RecordTraits.RawText) => "raw text has no prompt and completion",
        OutputSchema.PromptCompletion when !traits.HasFlag(RecordTraits.EndsWithAssistant) => "a conversation that does not end with the assistant has no completion",
        _ => null,
    };

    private DatasetException Unwritable(PoolShard shard, ShardIndex index, int place, string problem) => new(
        DataCodes.SchemaCannotHold,
        $"DatasetOutputSchema {Schema} cannot hold this record: {problem}. Drop such records with a stage (TokenLength Part=\"Response\" drops records without a response), or choose another schema.",
        shard.Declared.FullPath,
        index.LineOf(place),
        1);

    private List<OutputFile> Assign(Facts facts)
    {
        var perSplit = settings.OutputShards ?? (facts.Bytes < BytesPerFile ? 1 : (int)BitOperations.RoundUpToPowerOf2((ulong)(facts.Bytes / BytesPerFile) + 1));
        var splits = settings.ValidationSplit is null ? 1 : 2;
        var clusters = splits == 2 ? clusterKeys() : pool.Keys;
        var counts = new int[splits * perSplit];
        var splitOf = new byte[selected.Length];
        var perSplitCount = new int[splits];
        for (var i = 0; i < selected.Length; i++)
        {
            splitOf[i] = (byte)(splits == 2 && IsHeldOut(clusters[selected[i]]) ? 1 : 0);
            perSplitCount[splitOf[i]]++;
        }

        var seen = new int[splits];
        for (var i = 0; i < selected.Length; i++)
        {
            var split = splitOf[i];
            var number = settings.Order == OutputOrder.Hash
                ? (int)Math.BigMul(pool.Keys[selected[i]].High, (ulong)perSplit, out _)
                : (int)((long)seen[split]++ * perSplit / perSplitCount[split]);
            fileOf[i] = checked((ushort)((split * perSplit) + number));
            counts[fileOf[i]]++;
        }

        return Describe(facts, perSplit, counts);
    }

    /// <summary>Seed and key decide, in every project the same.</summary>
    private bool IsHeldOut(RecordKey key)
    {
        Span<byte> seeded = stackalloc byte[8 + RecordKey.Size];
        BinaryPrimitives.WriteInt64LittleEndian(seeded, settings.ValidationSeed);
        key.Write(seeded[8..]);
        return XxHash64.Hash(seeded) < (ulong)(settings.ValidationSplit!.Value.Fraction * ulong.MaxValue);
    }

    private List<OutputFile> Describe(Facts facts, int perSplit, int[] counts)
    {
        var recipes = new RecipeHash[counts.Length];
        for (var file = 0; file < recipes.Length; file++)
        {
            recipes[file] = new RecipeHash(LineFormat);
        }

        for (var i = 0; i < selected.Length; i++)
        {
            recipes[fileOf[i]].Add(pool.Keys[selected[i]], facts.Contents[i]);
        }

        var files = new List<OutputFile>(counts.Length);
        for (var file = 0; file < counts.Length; file++)
        {
            var split = file < perSplit ? "train" : "validation";
            files.Add(new OutputFile(OutputFile.PathOf(split, file % perSplit, perSplit), split, counts[file], recipes[file].Finish()));
        }

        return files;
    }

    private sealed record Facts(ulong[] Contents, long Bytes, RecordTraits Union, RecordTraits Common);
}
