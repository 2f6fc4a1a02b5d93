using System.Buffers;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>Makes the output line of a record in the plan's schema.</summary>
internal sealed class LineFormatter(OutputPlan plan, PoolShard shard, ShardIndex index) : IDisposable
{
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly ConversationParser parser = new(shard.Declared.Shape);
    private readonly MessageWriter messages = new(plan.Traits.HasFlag(RecordTraits.HasTools), plan.Traits.HasFlag(RecordTraits.Extended));

    /// <summary>The line without its line feed; valid until the next call.</summary>
    public ReadOnlySpan<byte> Format(ReadOnlySpan<byte> json, int place)
    {
        if (plan.Schema == OutputSchema.Source)
        {
            return AsItIs(json, place);
        }

        parser.Parse(json);
        var conversation = new Conversation(parser.Canonical(json, index.Instances[place]));
        return plan.Schema == OutputSchema.Messages ? messages.Messages(conversation)
            : plan.AllPlain ? messages.PlainExchange(conversation)
            : messages.Exchange(conversation);
    }

    public void Dispose()
    {
        parser.Dispose();
        messages.Dispose();
    }

    private ReadOnlySpan<byte> AsItIs(ReadOnlySpan<byte> json, int place)
    {
        if (index.Traits[place].HasFlag(RecordTraits.SharesLine))
        {
            parser.Parse(json);
            line.ResetWrittenCount();
            parser.WriteInstance(json, index.Instances[place], line);
            json = line.WrittenSpan;
        }

        return JsonText.OnOneLine(json);
    }
}
