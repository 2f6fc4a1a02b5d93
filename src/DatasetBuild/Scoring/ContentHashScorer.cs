using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// A 128-bit hash of a part's normalised texts, each with its length before it, so that "a"+"bc" and "ab"+"c" differ (METHODS: exact hash,
/// section 12.1). Texts that normalise to nothing leave no trace, as an absent input does.
/// </summary>
public sealed class ContentHashScorer(Part part, TextNormalizer normalizer) : IScorer
{
    private const byte ToolsMark = 0xfe;
    private const byte TurnMark = 0xff;

    public ScorerIdentity Identity { get; } = ScorerIdentity.Of(
        ("scorer", "ContentHash"), ("version", "1"), ("part", part.ToString()), ("normalize", normalizer.Identity));

    public int Width => RecordKey.Size;

    public void Score(ConversationBatch batch, Span<byte> values, Span<byte> states)
    {
        var canonical = new ArrayBufferWriter<byte>(1 << 12);
        var normal = new ArrayBufferWriter<byte>(1 << 12);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < batch.Count; i++)
        {
            var conversation = batch[i];
            if (!conversation.Has(part))
            {
                states[i] = PartScoring.WhyMissing(conversation);
                continue;
            }

            canonical.ResetWrittenCount();
            Write(conversation, canonical, normal);
            SHA256.HashData(canonical.WrittenSpan, hash);
            hash[..RecordKey.Size].CopyTo(values[(i * RecordKey.Size)..]);
            states[i] = 1;
        }
    }

    private void Write(Conversation conversation, ArrayBufferWriter<byte> canonical, ArrayBufferWriter<byte> normal)
    {
        if (part is Part.Record or Part.Prompt)
        {
            WriteText(ToolsMark, conversation.Tools, canonical, normal);
        }

        int assistants = 0, last = conversation.AssistantTurnCount;
        foreach (var turn in conversation)
        {
            assistants += turn.Role == Role.Assistant ? 1 : 0;
            if (!Belongs(turn.Role, isLast: assistants == last))
            {
                continue;
            }

            canonical.Write([TurnMark, (byte)turn.Role]);
            var parts = turn.GetEnumerator();
            while (parts.MoveNext())
            {
                WriteText((byte)parts.Kind, parts.Text, canonical, normal);
            }
        }
    }

    private bool Belongs(Role role, bool isLast) => part switch
    {
        Part.Record => true,
        Part.Prompt => role != Role.Assistant,
        Part.Response => role == Role.Assistant,
        _ => role == Role.Assistant && isLast,
    };

    private void WriteText(byte mark, ReadOnlySpan<byte> text, ArrayBufferWriter<byte> canonical, ArrayBufferWriter<byte> normal)
    {
        normal.ResetWrittenCount();
        normalizer.Normalize(text, normal);
        if (normal.WrittenCount > 0)
        {
            Span<byte> prefix = stackalloc byte[5];
            prefix[0] = mark;
            BinaryPrimitives.WriteInt32LittleEndian(prefix[1..], normal.WrittenCount);
            canonical.Write(prefix);
            canonical.Write(normal.WrittenSpan);
        }
    }
}
