using System.Buffers.Binary;

namespace DatasetBuild.Records;

/// <summary>Which texts of a conversation a stage looks at.</summary>
public enum Part
{
    /// <summary>Every text of the record, tools included.</summary>
    Record,

    /// <summary>All that the model is given: tools and every turn that is not the assistant's.</summary>
    Prompt,

    /// <summary>All that the assistant says, over all turns: text, reasoning and tool calls.</summary>
    Response,

    /// <summary>The assistant's last turn.</summary>
    LastResponse,
}

/// <summary>
/// The canonical conversation as a scorer sees it: a view over the bytes that <see cref="CanonicalWriter"/> wrote.
/// Malformed bytes never reach it; a truncated view throws <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
public readonly ref struct Conversation(ReadOnlySpan<byte> canonical)
{
    private readonly ReadOnlySpan<byte> canonical = canonical;

    /// <summary>Minified JSON of the declared tools, or empty.</summary>
    public ReadOnlySpan<byte> Tools => canonical.Slice(5, BinaryPrimitives.ReadInt32LittleEndian(canonical[1..]));

    public int TurnCount => BinaryPrimitives.ReadInt32LittleEndian(canonical[(5 + Tools.Length)..]);

    public TurnEnumerator GetEnumerator() => new(canonical[(9 + Tools.Length)..], TurnCount);

    /// <summary>True where the record is a document rather than a conversation.</summary>
    public bool IsRawText
    {
        get
        {
            foreach (var turn in this)
            {
                return turn.Role == Role.Text;
            }

            return false;
        }
    }

    public int AssistantTurnCount
    {
        get
        {
            var count = 0;
            foreach (var turn in this)
            {
                count += turn.Role == Role.Assistant ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>
    /// Whether the record has this part at all: a conversation without an assistant turn has no response (an empty response is one,
    /// of length 0), and raw text has neither prompt nor response.
    /// </summary>
    public bool Has(Part part) => part switch
    {
        Part.Record => true,
        Part.Prompt => !IsRawText,
        _ => AssistantTurnCount > 0,
    };

    /// <summary>The texts of <paramref name="part"/> in order, one for each part of each turn that belongs to it.</summary>
    public TextEnumerator Texts(Part part) => new(this, part);

    public ref struct TurnEnumerator(ReadOnlySpan<byte> rest, int remaining)
    {
        private ReadOnlySpan<byte> rest = rest;
        private int remaining = remaining;

        public Turn Current { get; private set; }

        public bool MoveNext()
        {
            if (remaining == 0)
            {
                return false;
            }

            remaining--;
            Current = new Turn(rest, out var size);
            rest = rest[size..];
            return true;
        }
    }

    /// <summary>Enumerates texts; see <see cref="Texts"/>.</summary>
    public ref struct TextEnumerator
    {
        private readonly Part part;
        private readonly int lastAssistant;
        private ReadOnlySpan<byte> tools;
        private TurnEnumerator turns;
        private PartEnumerator parts;
        private int assistants;

        internal TextEnumerator(Conversation conversation, Part part)
        {
            this.part = part;
            lastAssistant = part == Part.LastResponse ? conversation.AssistantTurnCount : 0;
            tools = part is Part.Record or Part.Prompt ? conversation.Tools : default;
            turns = conversation.GetEnumerator();
        }

        public readonly TextEnumerator GetEnumerator() => this;

        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>What the current text is; tools count as <see cref="PartKind.Text"/>.</summary>
        public PartKind Kind { get; private set; }

        public bool MoveNext()
        {
            if (!tools.IsEmpty)
            {
                Current = tools;
                Kind = PartKind.Text;
                tools = default;
                return true;
            }

            while (!parts.MoveNext())
            {
                if (!turns.MoveNext())
                {
                    return false;
                }

                var turn = turns.Current;
                assistants += turn.Role == Role.Assistant ? 1 : 0;
                parts = Belongs(turn.Role) ? turn.GetEnumerator() : default;
            }

            Current = parts.Text;
            Kind = parts.Kind;
            return true;
        }

        private readonly bool Belongs(Role role) => part switch
        {
            Part.Record => true,
            Part.Prompt => role is not (Role.Assistant or Role.Text),
            Part.Response => role == Role.Assistant,
            _ => role == Role.Assistant && assistants == lastAssistant,
        };
    }

    /// <summary>Enumerates the parts of one turn.</summary>
    public ref struct PartEnumerator(ReadOnlySpan<byte> rest, int remaining)
    {
        private ReadOnlySpan<byte> rest = rest;
        private int remaining = remaining;

        public PartKind Kind { get; private set; }

        public ReadOnlySpan<byte> Text { get; private set; }

        public bool MoveNext()
        {
            if (remaining == 0)
            {
                return false;
            }

            remaining--;
            Kind = (PartKind)rest[0];
            Text = Prefixed(rest[1..]);
            rest = rest[(5 + Text.Length)..];
            return true;
        }
    }

    private static ReadOnlySpan<byte> Prefixed(ReadOnlySpan<byte> bytes) => bytes.Slice(4, BinaryPrimitives.ReadInt32LittleEndian(bytes));

    /// <summary>One turn of a conversation.</summary>
    public readonly ref struct Turn
    {
        private readonly ReadOnlySpan<byte> parts;

        internal Turn(ReadOnlySpan<byte> bytes, out int size)
        {
            Role = (Role)bytes[0];
            Name = Prefixed(bytes[1..]);
            var at = 5 + Name.Length;
            ToolCallId = Prefixed(bytes[at..]);
            at += 4 + ToolCallId.Length;
            var weighted = bytes[at++] != 0;
            LossWeight = weighted ? BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]) : CanonicalWriter.DefaultLossWeight(Role);
            at += weighted ? 8 : 0;
            PartCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            parts = bytes[(at + 4)..];
            size = at + 4;
            var rest = parts;
            for (var i = 0; i < PartCount; i++)
            {
                var whole = 5 + BinaryPrimitives.ReadInt32LittleEndian(rest[1..]);
                size += whole;
                rest = rest[whole..];
            }
        }

        public Role Role { get; }

        /// <summary>The speaker's name or the tool's, or empty.</summary>
        public ReadOnlySpan<byte> Name { get; }

        /// <summary>The call that a tool's turn answers, or empty.</summary>
        public ReadOnlySpan<byte> ToolCallId { get; }

        /// <summary>The weight of this turn's tokens in the loss.</summary>
        public double LossWeight { get; }

        public int PartCount { get; }

        public PartEnumerator GetEnumerator() => new(parts, PartCount);
    }
}
