using System.Numerics;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>Gathers what the files beside the data say.</summary>
internal sealed class SubsetCard(Analysis analysis, OutputPlan output)
{
    private readonly List<Split> splits = [.. output.Files.GroupBy(file => file.Split).Select(group => new Split(group.Key, group.Sum(file => file.Records)))];

    public byte[] Readme() => DatasetCard.Readme(
        analysis.Session.Settings.Name, analysis.Session.Settings.License, splits, analysis.Summaries, analysis.Pool.Count);

    public byte[] Registry()
    {
        return Columns() is var (formatting, columns, tags)
            ? DatasetCard.Registry(analysis.Session.Settings.Name, formatting, columns, tags, splits)
            : "{}\n"u8.ToArray();
    }

    public Manifest Manifest(IReadOnlyList<ManifestOutput> outputs) => new(
        analysis.Session.Settings.Name,
        EngineVersion.Text,
        output.Schema.ToString(),
        analysis.Pool.Count,
        analysis.Fates.Kept,
        InputsOf(analysis.Pool),
        [.. analysis.Stages.Zip(analysis.Summaries, (stage, summary) => new ManifestStage(
            stage.Name, stage.Kind, stage.Parameters, stage.Identities, summary.Entered, summary.Kept, summary.Dropped, summary.Missing, summary.Reasons)
        {
            Marked = summary.Marked,
        })],
        outputs)
    {
        Evaluation = [.. (analysis.Stages.OfType<DecontaminateStage>().FirstOrDefault()?.Evaluation.Files ?? []).Select(file => new ManifestEvaluation(
            file.Declared.Name, file.Digest.ToString(), file.Lines.Length, file.Declared.Fields))],
        Base = analysis.Pool.Base is { } known ? InputsOf(known) : [],
        Split = analysis.Session.Settings is { ValidationSplit: { } share } settings
            ? new ManifestSplit(share.ToString(), settings.ValidationSeed, analysis.Stages.Any(stage => stage is NearDedupStage) ? "near" : "exact")
            : null,
    };

    private static List<ManifestInput> InputsOf(Pool pool) =>
        [.. pool.Shards.Select(shard => new ManifestInput(shard.Name, shard.Digest.ToString(), shard.Stamp.Size, shard.Count, shard.Invalid.Count, DialectsOf(shard)))];

    private static List<string> DialectsOf(PoolShard shard)
    {
        var names = new List<string>();
        for (var dialect = default(Dialect); shard.DialectSet >> (int)dialect != 0; dialect++)
        {
            if ((shard.DialectSet & (1 << (int)dialect)) != 0)
            {
                names.Add(dialect.ToString());
            }
        }

        return names;
    }

    private (string? Formatting, IReadOnlyList<NamedText> Columns, IReadOnlyList<NamedText> Tags)? Columns()
    {
        NamedText[] openAi = [new("role_tag", "role"), new("content_tag", "content"), new("user_tag", "user"), new("assistant_tag", "assistant"), new("system_tag", "system")];
        NamedText[] tools = output.Traits.HasFlag(RecordTraits.HasTools) ? [new("tools", "tools")] : [];
        switch (output.Schema)
        {
            case OutputSchema.Messages:
                return ("sharegpt", [new("messages", "messages"), .. tools], openAi);
            case OutputSchema.PromptCompletion:
                return (null, [new("prompt", "prompt"), new("response", "completion")], []);
        }

        var shape = analysis.Pool.Shards.FirstOrDefault(shard => shard.Count > 0)?.Declared.Shape ?? ShapeOptions.Detect;
        int set = analysis.Pool.DialectSet;
        var dialect = set == 0 ? Dialect.Messages : (Dialect)BitOperations.TrailingZeroCount(set);
        if (BitOperations.PopCount((uint)set) > 1)
        {
            // Lines of several dialects side by side: no one description fits.
            return null;
        }

        NamedText[] system = Has(Field.System) ? [new("system", shape.SystemField ?? "system")] : [];
        return dialect switch
        {
            Dialect.Messages => ("sharegpt", [new("messages", shape.MessagesField ?? "messages"), .. system, .. tools], openAi),
            Dialect.ShareGpt => ("sharegpt", [new("messages", shape.MessagesField ?? "conversations"), .. system, .. tools], []),
            Dialect.PromptCompletion => (null, [new("prompt", shape.PromptField ?? "prompt"), Response(Field.Completion), .. system], []),
            Dialect.QuestionAnswer => (null, [new("prompt", shape.PromptField ?? "question"), Response(Field.Answer), .. system], []),
            Dialect.Text => (null, [new("prompt", shape.TextField ?? "text")], []),
            Dialect.Alpaca => (null, [new("prompt", shape.PromptField ?? "instruction"), .. Optional("query", Field.Input), Response(Field.Output), .. system, .. Optional("history", Field.History)], []),

            // The registry has no words for instances inside a record.
            _ => null,
        };

        bool Has(Field field) => analysis.Pool.Shards.Any(shard => (shard.FieldSet & (1u << (int)field)) != 0);

        // As the reading goes: the dialect's own name or `response`, and any of them where the prompt has a name of the user's.
        NamedText Response(Field own)
        {
            Field[] names = shape.PromptField is null ? [own, Field.Response] : [own, Field.Completion, Field.Output, Field.Answer, Field.Response];
            return new NamedText("response", shape.ResponseField ?? names.Where(Has).Select(NameOf).FirstOrDefault(NameOf(own)));
        }

        NamedText[] Optional(string column, Field field) => Has(field) ? [new(column, NameOf(field))] : [];

        static string NameOf(Field field) => field.ToString().ToLowerInvariant();
    }
}
