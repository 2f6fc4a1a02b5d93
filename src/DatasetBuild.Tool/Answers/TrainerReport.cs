using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Answers;

/// <summary>How many records a trainer would treat in one silent way, and the first of them.</summary>
internal sealed record TrainerCount(string Code, int Records, IReadOnlyList<Diagnostic> Examples);

/// <summary>What a trainer would do to a project's records without telling, under its chat template, tokenizer and greatest length.</summary>
internal sealed class TrainerReport
{
    private const int MostExamples = 5;

    private readonly ChatTemplate template;
    private readonly ITokenizer tokenizer;
    private readonly Settings settings;

    private TrainerReport(ChatTemplate template, ITokenizer tokenizer, Settings settings) => (this.template, this.tokenizer, this.settings) = (template, tokenizer, settings);

    /// <summary>The report of a project, or null where it declares no template or no tokenizer.</summary>
    public static TrainerReport? Of(Plan plan, Settings settings) =>
        settings is { ChatTemplate: { } declared, Tokenizer: { } tokenizer }
            ? new TrainerReport(TemplateCache.Open(plan, declared, tokenizer, []), GivenTokenizer.Load(plan.Resolve(tokenizer), tokenizer), settings)
            : null;

    /// <summary>What is found in all shards together.</summary>
    public IReadOnlyList<TrainerCount> OfAll(IReadOnlyList<PlanShard> shards, CancellationToken cancel)
    {
        var found = new IReadOnlyList<TrainerCount>[shards.Count];
        Parallel.For(0, shards.Count, new ParallelOptions { CancellationToken = cancel }, number => found[number] = OfShard(shards[number], cancel));
        return Sum(found.SelectMany(counts => counts));
    }

    /// <summary>What is found in one shard; nothing where it cannot be read, of which others tell.</summary>
    public IReadOnlyList<TrainerCount> OfShard(PlanShard shard, CancellationToken cancel)
    {
        var counts = new List<TrainerCount>();
        try
        {
            var index = ShardIndexer.Read(shard.FullPath, shard.Shape, settings.MaxRecordBytes, null, cancel, maxInvalid: int.MaxValue).Index;
            var check = new TrainerCheck(template, tokenizer, settings.MaxLength, settings.Date);
            ShardRecords.Each(shard, index, 0, index.Count, (line, canonical) =>
            {
                cancel.ThrowIfCancellationRequested();
                counts.AddRange(check.Findings(new Conversation(canonical)).Select(finding =>
                    new TrainerCount(finding.Code, 1, [new Diagnostic(Severity.Warning, finding.Code, finding.Message, shard.FullPath, line, 1)])));
                if (counts.Count > 4096)
                {
                    counts = [.. Sum(counts)];
                }
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [];
        }

        return Sum(counts);
    }

    public static IReadOnlyList<TrainerCount> Sum(IEnumerable<TrainerCount> counts) =>
        [.. counts.GroupBy(count => count.Code).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same =>
            new TrainerCount(same.Key, same.Sum(count => count.Records), [.. same.SelectMany(count => count.Examples).Take(MostExamples)]))];

    public static void Show(IReadOnlyList<TrainerCount> counts, Screen screen)
    {
        if (counts.Count == 0)
        {
            return;
        }

        var table = Tables.Of(new Column("a trainer would not tell"), Column.Prose("what"), Column.Number("records"));
        foreach (var count in counts)
        {
            table.Add(count.Code, TrainerCodes.Describe(count.Code), Numbers.Count(count.Records));
        }

        screen.Output.Line();
        screen.Output.WriteTable(table);
        foreach (var example in counts.SelectMany(count => count.Examples))
        {
            screen.Answer(example);
        }
    }

    public static void WriteTo(Utf8JsonWriter json, IReadOnlyList<TrainerCount> counts)
    {
        json.WriteStartArray("trainer");
        foreach (var count in counts)
        {
            json.WriteStartObject();
            json.WriteString("code", count.Code);
            json.WriteString("what", TrainerCodes.Describe(count.Code));
            json.WriteNumber("records", count.Records);
            json.WriteStartArray("examples");
            foreach (var example in count.Examples)
            {
                json.WriteStartObject();
                json.WriteString("path", example.File);
                json.WriteNumber("line", example.Line);
                json.WriteString("message", example.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
