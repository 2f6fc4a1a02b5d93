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
    private readonly NamedField[]?[] byLength = new NamedField[64][];

    public FieldNames(ShapeOptions shape)
    {
        var names = new Dictionary<string, Field>(StringComparer.Ordinal)
        {
            ["messages"] = Field.Messages,
            ["conversations"] = Field.Conversations,
            ["prompt"] = Field.Prompt,
            ["completion"] = Field.Completion,
            ["question"] = Field.Question,
            ["answer"] = Field.Answer,
            ["instruction"] = Field.Instruction,
            ["input"] = Field.Input,
            ["output"] = Field.Output,
            ["response"] = Field.Response,
            ["system"] = Field.System,
            ["history"] = Field.History,
            ["text"] = Field.Text,
            ["tools"] = Field.Tools,
            ["instances"] = Field.Instances,
            ["chosen"] = Field.Chosen,
            ["rejected"] = Field.Rejected,
            ["label"] = Field.Label,
            ["kto_tag"] = Field.KtoTag,
        };

        Declare(shape.PromptField, Field.Prompt, Field.Question, Field.Instruction);
        Declare(shape.ResponseField, Field.Completion, Field.Answer, Field.Output, Field.Response);
        Declare(shape.SystemField, Field.System);
        Declare(shape.MessagesField, Field.Messages, Field.Conversations);
        Declare(shape.TextField, Field.Text);

        foreach (var name in names.Keys)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            if (bytes.Length < byLength.Length)
            {
                byLength[bytes.Length] = [.. byLength[bytes.Length] ?? [], new NamedField(bytes, names[name])];
            }
        }

        // A declared name becomes the one name of its role, in the spelling that the declared dialect reads.
        void Declare(string? name, params Field[] role)
        {
            if (name is null)
            {
                return;
            }

            foreach (var usual in names.Where(pair => role.Contains(pair.Value)).Select(pair => pair.Key).ToList())
            {
                // A declared response leaves the prompt's own name alone, so that the dialect is still known by it.
                names.Remove(usual);
            }

            names[name] = Canonical(role[0]);
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
                if (name.SequenceEqual(candidate.Name))
                {
                    return candidate.Field;
                }
            }
        }

        return Field.None;
    }

    private sealed record NamedField(byte[] Name, Field Field);
}
