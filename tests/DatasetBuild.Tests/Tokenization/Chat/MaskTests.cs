using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>
/// What is supervised: exactly what the assistant says, with its end token. The oracle knows nothing of prefixes or blocks: it renders with one
/// message's text replaced by a mark that stands nowhere else, and looks where the mark is.
/// </summary>
public sealed class MaskTests
{
    private const string Mark = "MARKED7TEXT";

    /// <summary>A template without generation blocks, whose prefixes are prefixes.</summary>
    private const string Simple = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

    /// <summary>A header that promises thoughts which the turn itself does not have; a template that wants tools in every conversation.</summary>
    private static readonly string[] WithoutMask = ["deepseek-r1-distill", "hermes-3-tool-use"];

    public static TheoryData<string> Published => PublishedTemplateTests.All;

    public static TheoryData<string> BuiltIn => [.. ChatTemplate.BuiltInNames];

    [Theory]
    [MemberData(nameof(Published))]
    public void The_mask_of_a_published_template_covers_what_the_assistant_says_and_its_end_token(string name)
    {
        var folder = SharedData.Path("templates", name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        var first = json.RootElement[0];
        var template = Conversations.Template(
            File.ReadAllText(Path.Combine(folder, "template.jinja")),
            [.. ((string[])["bos_token", "eos_token"]).Where(token => first.GetProperty(token).ValueKind == JsonValueKind.String).Select(token => (token, first.GetProperty(token).GetString()!))]);
        var date = first.GetProperty("date").GetString();
        var checkedTurns = 0;
        foreach (var turns in TextConversations(json).Append(["user: Hi there", "assistant: Hello!", "user: And?", "assistant:  So. \n"]).Append(["system: Be kind.", "user: Hi there", "assistant: Hello\nyou"]))
        {
            checkedTurns += CheckAgainstOracle(template, turns, date, name);
        }

        checkedTurns.ShouldBeGreaterThanOrEqualTo(WithoutMask.Contains(name) ? 0 : 2);
    }

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void The_mask_of_a_built_in_template_covers_what_the_assistant_says_and_its_end_token(string name)
    {
        CheckAgainstOracle(ChatTemplate.BuiltIn(name), ["system: Be kind.", "user: Hi there", "assistant: Hello!", "user: And?", "assistant: So."], null, name).ShouldBe(2);
        CheckAgainstOracle(ChatTemplate.BuiltIn(name), ["user: naïve 😀?", "assistant: ja — ß\n\n* x"], null, name).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void Blocks_and_prefixes_give_one_mask(string name)
    {
        using var stream = typeof(ChatTemplate).Assembly.GetManifestResourceStream($"{name}.jinja")!;
        using var reader = new StreamReader(stream);
        var source = reader.ReadToEnd();
        var conversation = Conversations.Of("user: Hi there", "assistant: Hello!", "user: And?", "assistant: So.");
        var withBlocks = ChatTemplate.BuiltIn(name).Encode(conversation).Encoded;

        var withPrefixes = Conversations.Template(source.Replace("{%- generation %}", "{%- if true %}", StringComparison.Ordinal).Replace("{%- endgeneration %}", "{%- endif %}", StringComparison.Ordinal)).Encode(conversation).Encoded;

        withPrefixes.Text.ShouldBe(withBlocks.Text);
        withPrefixes.Supervised().Select(text => text.Trim()).ShouldBe(withBlocks.Supervised().Select(text => text.Trim()));
    }

    [Fact]
    public void The_end_token_belongs_to_the_mask_and_what_stands_behind_it_does_not()
    {
        var (encoded, missing) = Conversations.Template(Simple).Encode(Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum"));

        missing.ShouldBeNull();
        encoded.Text.ShouldBe("[user]Hi<end>\n[assistant]Ho<end>\n[user]Hi<end>\n[assistant]Hum<end>\n");
        encoded.Supervised().ShouldBe(["Ho<end>", "Hum<end>"]);
    }

    [Fact]
    public void The_last_response_alone_counts_where_that_is_declared() =>
        Conversations.Template(Simple).Encode(Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum"), new EncodingOptions { Part = Part.LastResponse })
            .Encoded.Supervised().ShouldBe(["Hum<end>"]);

    [Fact]
    public void A_message_has_its_declared_weight()
    {
        var canonical = Conversations.Canonical("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","loss_weight":0},{"role":"user","content":"c"},{"role":"assistant","content":"d","loss_weight":0.5}]}""");

        var (encoded, _) = Conversations.Template(Simple).Encode(canonical);

        encoded.Supervised().ShouldBe(["d<end>"]);
        encoded.Weights.Max().ShouldBe(0.5f);
        Conversations.Template(Simple).Encode(Conversations.Canonical("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","loss_weight":0}]}""")).Missing.ShouldBe(MissingReason.NoSupervisedToken);
    }

    [Theory]
    [InlineData("{{ messages|length }} turns\n{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}")]
    [InlineData("{% for m in messages|reverse %}[{{ m.role }}]{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}")]
    [InlineData("{% for m in messages %}[{{ m.role }}]{{ m.content if loop.revindex < 3 else '' }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}")]
    public void A_template_whose_prefixes_are_none_is_an_error_and_no_guess(string source)
    {
        var conversation = Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum");

        Should.Throw<DatasetException>(() => Conversations.Template(source).Encode(conversation)).Diagnostic.Code.ShouldBe(ChatErrors.NoPrefix);
    }

    [Fact]
    public void A_last_turn_that_ends_differently_is_no_obstacle_where_its_content_is_found()
    {
        const string source = "{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% else %}<over>{% endif %}";

        Conversations.Template(source).Encode(Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum")).Encoded.Supervised().ShouldBe(["Ho<end>", "Hum<end>"]);
    }

    [Fact]
    public void A_template_that_knows_no_header_is_masked_by_the_place_of_its_contents()
    {
        const string source = "{% for m in messages %}{{ '[INST] ' ~ m.content ~ ' [/INST]' if m.role == 'user' else ' ' ~ m.content ~ ' </s>' }}{% endfor %}";

        Conversations.Template(source).Encode(Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum")).Encoded.Supervised().ShouldBe(["Ho </s>", "Hum </s>"]);
    }

    [Fact]
    public void A_generation_block_in_a_macro_is_masked_by_prefixes()
    {
        const string source = "{% macro say(m) %}[{{ m.role }}]{% generation %}{{ m.content }}<end>{% endgeneration %}{% endmacro %}{% for m in messages %}{{ say(m) }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

        Conversations.Template(source).Encode(Conversations.Of("user: Hi", "assistant: Ho")).Encoded.Supervised().ShouldBe(["Ho<end>"]);
    }

    [Fact]
    public void Several_blocks_in_a_turn_belong_to_that_turn()
    {
        const string source = "{% for m in messages %}[{{ m.role }}]{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}/{% generation %}<end>{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}";
        var conversation = Conversations.Of("user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum");

        Conversations.Template(source).Encode(conversation).Encoded.Supervised().ShouldBe(["Ho", "<end>", "Hum", "<end>"]);
        Conversations.Template(source).Encode(conversation, new EncodingOptions { Part = Part.LastResponse }).Encoded.Supervised().ShouldBe(["Hum", "<end>"]);
    }

    [Fact]
    public void The_token_that_begins_a_text_is_there_once()
    {
        var special = new ByteTokenizer(["<s>"], addsBos: true);

        Conversations.Template(Simple).Encode(Conversations.Of("user: Hi", "assistant: Ho"), tokenizer: special).Encoded.Ids.Take(2).ShouldBe([256, '[']);
        Conversations.Template(Simple, ("bos_token", "<s>")).Encode(Conversations.Of("user: Hi", "assistant: Ho"), tokenizer: special).Encoded.Ids.Take(2).ShouldBe([256, '[']);
        Conversations.Template(Simple).Encode(Conversations.Of("user: Hi", "assistant: Ho"), tokenizer: new ByteTokenizer(["<s>"])).Encoded.Ids[0].ShouldBe('[');
    }

    [Fact]
    public void A_conversation_that_is_too_long_is_dropped_cut_or_an_error_as_declared()
    {
        var template = Conversations.Template(Simple);
        var conversation = Conversations.Of("user: Hi", "assistant: Ho");
        var whole = template.Encode(conversation).Encoded.Ids;

        template.Encode(conversation, new EncodingOptions { MaxLength = whole.Count }).Missing.ShouldBeNull();
        template.Encode(conversation, new EncodingOptions { MaxLength = whole.Count - 1 }).Missing.ShouldBe(MissingReason.TooLong);
        Should.Throw<DatasetException>(() => template.Encode(conversation, new EncodingOptions { MaxLength = whole.Count - 1, TooLong = TooLong.Fail })).Diagnostic.Code.ShouldBe(ChatErrors.TooLong);

        var right = template.Encode(conversation, new EncodingOptions { MaxLength = whole.Count - 3, TooLong = TooLong.Score });
        (right.Missing, right.Encoded.IsTruncated).ShouldBe((null, true));
        right.Encoded.Ids.ShouldBe(whole.Take(whole.Count - 3));
        right.Encoded.Supervised().ShouldBe(["Ho<en"]);

        var left = template.Encode(conversation, new EncodingOptions { MaxLength = 5, TooLong = TooLong.Score, Side = TruncationSide.Left });
        left.Encoded.Ids.ShouldBe(whole.TakeLast(5));
        left.Encoded.Supervised().ShouldBe(["end>"]);

        template.Encode(conversation, new EncodingOptions { MaxLength = 5, TooLong = TooLong.Score }).Missing.ShouldBe(MissingReason.NoSupervisedToken);
    }

    [Fact]
    public void A_response_alone_stands_behind_its_header_or_the_declared_prefix()
    {
        var template = Conversations.Template(Simple, ("bos_token", "<s>"));
        var conversation = Conversations.Of("system: Be.", "user: Hi", "assistant: Ho", "user: Hi", "assistant: Hum");

        var (alone, missing) = template.Encode(conversation, alone: true);
        missing.ShouldBeNull();
        alone.Text.ShouldBe("<s>[assistant]Ho<end>[assistant]Hum<end>");
        alone.Supervised().ShouldBe(["Ho<end>", "Hum<end>"]);

        template.Encode(conversation, new EncodingOptions { Part = Part.LastResponse, AlonePrefix = "### Response:" }, alone: true).Encoded.Text.ShouldBe("<s>### Response:Hum<end>");
        ChatTemplate.BuiltIn("Alpaca").Encode(Conversations.Of("user: Hi", "assistant: Ho"), alone: true).Encoded.Text.ShouldBe("### Response:Ho");
        ChatTemplate.BuiltIn("ChatML").Encode(Conversations.Of("user: Hi", "assistant: Ho"), alone: true).Encoded.Text.ShouldBe("<|im_start|>assistant\nHo<|im_end|>");
    }

    [Fact]
    public void Of_a_cut_conversation_the_response_alone_is_what_the_cut_leaves()
    {
        var template = Conversations.Template(Simple);
        var conversation = Conversations.Of("user: Hi", "assistant: Hurrah");
        var options = new EncodingOptions { MaxLength = template.Encode(conversation).Encoded.Ids.Count - 8, TooLong = TooLong.Score };

        var (whole, _) = template.Encode(conversation, options);
        var (alone, _) = template.Encode(conversation, options, alone: true);

        alone.Supervised().ShouldBe(whole.Supervised());
        alone.Text.ShouldBe("[assistant]Hurr");
        alone.IsTruncated.ShouldBeTrue();
    }

    [Fact]
    public void What_has_nothing_to_learn_from_says_why()
    {
        var template = Conversations.Template(Simple);

        template.Encode(Conversations.Canonical("""{"text":"a document"}""")).Missing.ShouldBe(MissingReason.RawText);
        template.Encode(Conversations.Of("user: Hi")).Missing.ShouldBe(MissingReason.NoAssistantTurn);
        template.Encode(Conversations.Of("user: Hi", "assistant: ")).Missing.ShouldBe(MissingReason.EmptyResponse);
        Conversations.Template("{{ raise_exception('no') }}").Encode(Conversations.Of("user: Hi", "assistant: Ho")).Missing.ShouldBe(MissingReason.RefusedByTemplate);
        Conversations.Template("{% for m in messages %}{{ m.content }}{% if m.role == 'nobody' %}{% generation %}{% endgeneration %}{% endif %}{% endfor %}").Encode(Conversations.Of("user: Hi", "assistant: Ho")).Missing.ShouldBe(MissingReason.NoSupervisedToken);
    }

    [Fact]
    public void The_identity_names_all_that_can_change_an_encoding()
    {
        var options = new EncodingOptions();
        EncodingOptions[] all = [options, options with { Part = Part.LastResponse }, options with { MaxLength = 5 }, options with { MaxLength = 6 }, options with { MaxLength = 5, TooLong = TooLong.Score }, options with { MaxLength = 5, Side = TruncationSide.Left }, options with { AlonePrefix = "" }, options with { AlonePrefix = "header" }, options with { Date = "2026-01-01" }];
        var template = ChatTemplate.BuiltIn("Plain");

        all.Select(each => string.Join('\n', new ConversationEncoder(template, new ByteTokenizer(), each).Identity)).Distinct().Count().ShouldBe(all.Length);
        ChatTemplate.BuiltInNames.Select(name => ChatTemplate.BuiltIn(name).Digest).Distinct().Count().ShouldBe(ChatTemplate.BuiltInNames.Count);
        Conversations.Template("x").Digest.ShouldNotBe(Conversations.Template("x", ("bos_token", "<s>")).Digest);
    }

    /// <summary>Conversations of the cases whose messages are plain texts.</summary>
    private static IEnumerable<string[]> TextConversations(JsonDocument json) => json.RootElement.EnumerateArray()
        .Where(one => one.TryGetProperty("rendered", out _) && !one.GetProperty("add_generation_prompt").GetBoolean() && !one.TryGetProperty("tools", out _) && !one.TryGetProperty("variables", out _))
        .Where(one => one.GetProperty("messages").EnumerateArray().All(message => message.EnumerateObject().Count() == 2 && message.GetProperty("content").ValueKind == JsonValueKind.String && message.GetProperty("role").GetString() is "user" or "assistant" or "system"))
        .Where(one => one.GetProperty("messages").EnumerateArray().All(message => !message.GetProperty("content").GetString()!.Contains("think>", StringComparison.Ordinal)))
        .Where(one => one.GetProperty("messages").EnumerateArray().Any(message => message.GetProperty("role").GetString() == "assistant"))
        .Select(one => one.GetProperty("messages").EnumerateArray().Select(message => $"{message.GetProperty("role").GetString()}:{message.GetProperty("content").GetString()}").ToArray());

    /// <summary>The number of assistant turns that were compared; a conversation that the template refuses, or whose mask it does not let tell, has none.</summary>
    private static int CheckAgainstOracle(ChatTemplate template, string[] turns, string? date, string name)
    {
        var assistants = Enumerable.Range(0, turns.Length).Where(i => turns[i].StartsWith("assistant:", StringComparison.Ordinal)).ToList();
        if (assistants.Any(i => turns[i]["assistant:".Length..].Trim().Length == 0))
        {
            return 0;
        }

        EncodedConversation encoded;
        try
        {
            (encoded, var missing) = template.Encode(Raw(turns), new EncodingOptions { Date = date });
            if (missing is MissingReason.RefusedByTemplate)
            {
                return 0;
            }

            missing.ShouldBeNull($"{name}: {string.Join(" | ", turns)}");
        }
        catch (DatasetException failure) when (failure.Diagnostic.Code is ChatErrors.NoPrefix or ChatErrors.Failed)
        {
            return 0;
        }

        var supervised = encoded.Supervised();
        supervised.Count.ShouldBe(assistants.Count, $"{name}: {string.Join(" | ", turns)} -> {string.Join(" | ", supervised)}");
        for (var i = 0; i < assistants.Count; i++)
        {
            var turn = assistants[i];
            // As the last turn, the mark is followed by its end token and by nothing else that is visible.
            var marked = template.Render(Raw([.. turns.Take(turn), $"assistant:{Mark}"]), date: date);
            var at = marked.IndexOf(Mark, StringComparison.Ordinal);
            at.ShouldBeGreaterThanOrEqualTo(0);
            var end = marked[(at + Mark.Length)..].Trim().Split('\n')[0];
            var content = turns[turn]["assistant:".Length..].Trim();
            var context = $"{name}, turn {turn}: {string.Join(" | ", turns)} -> {supervised[i]}";
            supervised[i].ShouldContain(content, Case.Sensitive, context);
            supervised[i][(supervised[i].LastIndexOf(content, StringComparison.Ordinal) + content.Length)..].Trim().ShouldBe(end, context);
            foreach (var other in turns.Where((text, number) => number != turn && text.Split(':', 2)[1].Trim().Length > 12))
            {
                supervised[i].ShouldNotContain(other.Split(':', 2)[1].Trim(), Case.Sensitive, context);
            }
        }

        return assistants.Count;
    }

    private static byte[] Raw(string[] turns) => Conversations.Canonical(new JsonObject
    {
        ["messages"] = new JsonArray([.. turns.Select(turn => (JsonNode)new JsonObject { ["role"] = turn.Split(':', 2)[0], ["content"] = turn.Split(':', 2)[1] })]),
    }.ToJsonString());
}
