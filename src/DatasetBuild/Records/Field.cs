using System.Text;

namespace DatasetBuild.Records;

/// <summary>The fields of a record that decide its reading. All others are passed over.</summary>
public enum Field
{
    None,
    Messages,
    Conversations,
    Prompt,
    Completion,
    Question,
    Answer,
    Instruction,
    Input,
    Output,
    Response,
    System,
    History,
    Text,
    Tools,
    Instances,
    Chosen,
    Rejected,
    Label,
    KtoTag,
    Count,
}

/// <summary>Finds the <see cref="Field"/> of a name, by length and then by bytes: no string is made.</summary>
internal sealed class FieldNames
{
    private static readonly NamedField[] Usual =
    [
        new("messages", Field.Messages),
        new("conversations", Field.Conversations),
        new("prompt", Field.Prompt),
        new("completion", Field.Completion),
        new("question", Field.Question),
        new("answer", Field.Answer),
        new("instruction", Field.Instruction),
        new("input", Field.Input),
        new("output", Field.Output),
        new("response", Field.Response),
        new("system", Field.System),
        new("history", Field.History),
        new("text", Field.Text),
        new("tools", Field.Tools),
        new("instances", Field.Instances),
        new("chosen", Field.Chosen),
        new("rejected", Field.Rejected),
        new("label", Field.Label),
        new("kto_tag", Field.KtoTag),
    ];

    private readonly NamedField[]?[] byLength = new NamedField[64][];

    public FieldNames(ShapeOptions shape)
    {
        var names = new List<NamedField>(Usual);
        Declare(shape.PromptField, Field.Prompt, Field.Question, Field.Instruction);
        Declare(shape.ResponseField, Field.Completion, Field.Answer, Field.Output, Field.Response);
        Declare(shape.SystemField, Field.System);
        Declare(shape.MessagesField, Field.Messages, Field.Conversations);
        Declare(shape.TextField, Field.Text);

        foreach (var name in names)
        {
            if (name.Bytes.Length < byLength.Length)
            {
                byLength[name.Bytes.Length] = [.. byLength[name.Bytes.Length] ?? [], name];
            }
        }

        // A declared name becomes the one name of its role, in the spelling that the declared dialect reads.
        void Declare(string? name, params Field[] role)
        {
            if (name is null)
            {
                return;
            }

            // A declared response leaves the prompt's own name alone, so that the dialect is still known by it.
            names.RemoveAll(usual => usual.Text == name || role.Contains(usual.Field));
            names.Add(new NamedField(name, Canonical(role[0])));
        }

        Field Canonical(Field first) => (first, shape.Dialect) switch
        {
            (Field.Prompt, Dialect.QuestionAnswer) => Field.Question,
            (Field.Prompt, Dialect.Alpaca or Dialect.SelfInstruct) => Field.Instruction,
            (Field.Completion, Dialect.QuestionAnswer) => Field.Answer,
            (Field.Completion, Dialect.PromptCompletion) => Field.Completion,
            (Field.Completion, _) => Field.Response,
            (Field.Messages, Dialect.ShareGpt) => Field.Conversations,
            _ => first,
        };
    }

    public Field Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < byLength.Length && byLength[name.Length] is { } candidates)
        {
            foreach (var candidate in candidates)
            {
                if (name.SequenceEqual(candidate.Bytes))
                {
                    return candidate.Field;
                }
            }
        }

        return Field.None;
    }

    private sealed record NamedField(string Text, Field Field)
    {
        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(Text);
    }
}
