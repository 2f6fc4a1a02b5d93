using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>Codes of what a trainer would do to a conversation without telling. A code is never reused.</summary>
public static class TrainerCodes
{
    public const string ResponseCut = "DSB1040";
    public const string NothingSupervised = "DSB1041";
    public const string RolesDoNotAlternate = "DSB1042";
    public const string EmptyMask = "DSB1043";
    public const string NoEndToken = "DSB1044";
    public const string DoubleBos = "DSB1045";
    public const string SpecialTokenInText = "DSB1046";
    public const string NotRendered = "DSB1047";
    public const string NotTokenized = "DSB1048";

    public static string Describe(string code) => code switch
    {
        ResponseCut => "supervised tokens are cut off at DatasetMaxLength",
        NothingSupervised => "no supervised token is left",
        RolesDoNotAlternate => "roles do not alternate",
        EmptyMask => "the template marks nothing as the assistant's",
        NoEndToken => "a response does not end with an end token",
        DoubleBos => "the text begins with two tokens that begin a text",
        SpecialTokenInText => "a text of the prompt holds a special token",
        NotTokenized => "the tokenizer has no tokens for a conversation",
        _ => "the template does not render the conversation",
    };
}

/// <summary>One thing that a trainer would do to a conversation without telling: its code, and what it is in this one.</summary>
public sealed record TrainerFinding(string Code, string Message);

/// <summary>
/// Looks at a conversation as a trainer will: rendered, tokenized and cut. What would be lost or learnt wrongly in silence is found here. Not thread-safe;
/// one instance a thread.
/// </summary>
/// <param name="template">The chat template.</param>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="maxLength">The greatest length that the trainer takes, cutting the end off; null for none.</param>
/// <param name="date">The day of <c>strftime_now</c>, or null.</param>
public sealed class TrainerCheck(ChatTemplate template, ITokenizer tokenizer, int? maxLength, string? date)
{
    private readonly ConversationEncoder encoder = new(template, tokenizer, new EncodingOptions { Date = date });
    private readonly EncodedConversation encoded = new();
    private readonly Dictionary<int, bool> special = [];
    private readonly List<Token> tokens = [];

    /// <summary>All that is found in a conversation; nothing for a document.</summary>
    public IReadOnlyList<TrainerFinding> Findings(Conversation conversation)
    {
        var findings = new List<TrainerFinding>();
        if (conversation.IsRawText)
        {
            return findings;
        }

        FindRoles(conversation, findings);
        try
        {
            FindSpecialTokens(conversation, findings);
            FindInTokens(conversation, findings);
        }
        catch (DatasetException error)
        {
            var code = error.Diagnostic.Code is TokenizerErrors.NoToken or TokenizerErrors.TooMuchWork ? TrainerCodes.NotTokenized : TrainerCodes.NotRendered;
            findings.Add(new TrainerFinding(code, $"{error.Diagnostic.Code}: {error.Diagnostic.Message}"));
        }

        return findings;
    }

    private void FindInTokens(Conversation conversation, List<TrainerFinding> findings)
    {
        var missing = encoder.Encode(conversation, encoded);
        switch (missing)
        {
            case MissingReason.RefusedByTemplate:
                // Rendered once more for what the template says about it.
                template.Render(conversation, addGenerationPrompt: false, date);
                return;
            case MissingReason.NoSupervisedToken when encoded.Ids.Count > 0:
                findings.Add(new TrainerFinding(TrainerCodes.EmptyMask, "the chat template marks none of its tokens as the assistant's, so that a trainer learns nothing from it. Look at its {% generation %} blocks."));
                return;
            case not null:
                findings.Add(new TrainerFinding(TrainerCodes.NothingSupervised, $"a trainer learns nothing from it: {MissingReasons.Describe(missing.Value)}. Take the record out, or mend it."));
                return;
        }

        if (encoded.Ids.Count > 1 && encoded.Ids[0] == encoded.Ids[1] && IsSpecial(encoded.Ids[0]))
        {
            findings.Add(new TrainerFinding(TrainerCodes.DoubleBos, $"the text begins with {Shown(encoded.Ids[0])} twice. Take it out of the text, or out of the template."));
        }

        FindCut(findings);
        FindEnds(findings);
    }

    private void FindCut(List<TrainerFinding> findings)
    {
        if (encoded.Ids.Count <= maxLength)
        {
            return;
        }

        var all = encoded.Weights.Count(weight => weight != 0);
        var left = encoded.Weights.Take(maxLength ?? int.MaxValue).Count(weight => weight != 0);
        if (left == 0)
        {
            findings.Add(new TrainerFinding(TrainerCodes.NothingSupervised, $"of its {encoded.Ids.Count} tokens a trainer keeps the first {maxLength}, and none of these is supervised: the loss is NaN or nothing. Raise DatasetMaxLength, or drop the record with TokenLength."));
        }
        else if (left < all)
        {
            findings.Add(new TrainerFinding(TrainerCodes.ResponseCut, $"of its {encoded.Ids.Count} tokens a trainer keeps the first {maxLength}: {all - left} of {all} supervised ones are cut off. Raise DatasetMaxLength, or drop the record with TokenLength."));
        }
    }

    private void FindEnds(List<TrainerFinding> findings)
    {
        if (tokenizer is RankTokenizer)
        {
            // A rank file has no special tokens: what ends a text is plain text there.
            return;
        }

        for (var i = 0; i < encoded.Ids.Count; i++)
        {
            var isEnd = encoded.Weights[i] != 0 && (i + 1 == encoded.Ids.Count || encoded.Weights[i + 1] == 0);
            if (!isEnd)
            {
                continue;
            }

            // What a template writes behind the end token to set turns apart is no part of the answer.
            var last = i;
            while (last > 0 && encoded.Weights[last - 1] != 0 && string.IsNullOrWhiteSpace(tokenizer.Decode([encoded.Ids[last]])) && !IsSpecial(encoded.Ids[last]))
            {
                last--;
            }

            if (!IsSpecial(encoded.Ids[last]) && !EndsWithEos(encoded.Offsets[last].End))
            {
                findings.Add(new TrainerFinding(TrainerCodes.NoEndToken, $"a response ends with {Shown(encoded.Ids[last])}, which is no end token: the model never learns to stop. Give a template that writes one."));
                return;
            }
        }
    }

    private bool EndsWithEos(int end) =>
        template.EosToken is { Length: > 0 } eos && Encoding.UTF8.GetBytes(encoded.Text).AsSpan(0, end).EndsWith(Encoding.UTF8.GetBytes(eos));

    private void FindSpecialTokens(Conversation conversation, List<TrainerFinding> findings)
    {
        foreach (var text in conversation.Texts(Part.Prompt))
        {
            tokens.Clear();
            tokenizer.Encode(text, tokens);
            if (tokens.Find(token => IsSpecial(token.Id)) is { End: > 0 } found)
            {
                findings.Add(new TrainerFinding(TrainerCodes.SpecialTokenInText, $"a text of the prompt holds the special token {Encoding.UTF8.GetString(text[found.Start..found.End])}, which the model will take for the template's. Take it out of the text."));
                return;
            }
        }
    }

    /// <summary>After the system's turns, what the model is given and what it says take turns, and it has the last word.</summary>
    private static void FindRoles(Conversation conversation, List<TrainerFinding> findings)
    {
        var (before, number) = (Role.System, 0);
        foreach (var turn in conversation)
        {
            number++;
            var problem = turn.Role switch
            {
                Role.System or Role.Developer when before != Role.System => "the system speaks in the middle",
                Role.System or Role.Developer => null,
                Role.Assistant when before == Role.System => "the assistant speaks first",
                Role.Assistant when before == Role.Assistant => "the assistant speaks twice in a row",
                Role.User when before == Role.User => "the user speaks twice in a row",
                Role.Tool when before is Role.System or Role.User => "a tool answers without having been called",
                Role.User when before == Role.Tool => "the user speaks where the assistant should answer a tool",
                _ => null,
            };
            if (problem is not null)
            {
                Add($"{problem} (turn {number})");
                return;
            }

            before = turn.Role == Role.Developer ? Role.System : turn.Role;
        }

        if (before != Role.Assistant)
        {
            Add("the assistant has not the last word");
        }

        void Add(string what) => findings.Add(new TrainerFinding(TrainerCodes.RolesDoNotAlternate, $"roles do not alternate: {what}. Some trainers skip such records in silence; mend its turns."));
    }

    /// <summary>Whether the tokenizer leaves a token out of a text without special tokens.</summary>
    private bool IsSpecial(int id)
    {
        if (!special.TryGetValue(id, out var known))
        {
            known = special[id] = tokenizer.Decode([id], skipSpecialTokens: true).Length == 0 && tokenizer.Decode([id]).Length > 0;
        }

        return known;
    }

    private string Shown(int id) => $"'{tokenizer.Decode([id])}'";
}
