using DatasetBuild.Records;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>What a trainer would do to a conversation without telling.</summary>
public sealed class TrainerCheckTests
{
    private const string Simple = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

    [Fact]
    public void A_sound_conversation_has_no_finding() => Codes(["user: Hi", "assistant: Ho"]).ShouldBeEmpty();

    [Fact]
    public void A_response_that_is_cut_is_found_and_one_that_is_cut_away()
    {
        Codes(["user: Hi", "assistant: Hurrah"], maxLength: 26).ShouldBe([TrainerCodes.ResponseCut]);
        Codes(["user: Hi", "assistant: Hurrah"], maxLength: 15).ShouldBe([TrainerCodes.NothingSupervised]);
    }

    [Theory]
    [InlineData("user: a", "user: b", "assistant: c")]
    [InlineData("assistant: c")]
    [InlineData("user: a", "assistant: b", "assistant: c")]
    [InlineData("user: a", "assistant: b", "user: c")]
    [InlineData("user: a", "system: b", "assistant: c")]
    public void Roles_that_do_not_alternate_are_found(params string[] turns) => Codes(turns).ShouldContain(TrainerCodes.RolesDoNotAlternate);

    [Fact]
    public void A_tool_that_answers_a_call_is_in_order() =>
        new TrainerCheck(Conversations.Template("{% for m in messages %}{% generation %}x<end>{% endgeneration %}{% endfor %}"), new ByteTokenizer(["<end>"]), null, null)
            .Findings(new Conversation(Conversations.Canonical("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"r"},{"role":"tool","content":"s"},{"role":"assistant","content":"b"}]}""")))
            .ShouldBeEmpty();

    [Fact]
    public void A_template_that_marks_nothing_is_found() =>
        Codes(["user: Hi", "assistant: Ho"], "{% for m in messages %}{{ m.content }}{% if m.role == 'nobody' %}{% generation %}{% endgeneration %}{% endif %}{% endfor %}").ShouldBe([TrainerCodes.EmptyMask]);

    [Theory]
    [InlineData("user: ß", "assistant: a")]
    [InlineData("user: a", "assistant: ß")]
    [InlineData("user: ß")]
    public void What_the_tokenizer_has_no_token_for_is_found_wherever_it_stands(params string[] turns)
    {
        var tokenizer = Tokenizers.Load(TemporaryFile.With("""{"version":"1.0","model":{"type":"Unigram","unk_id":null,"vocab":[["a",-1.0],["<",-1.0],[">",-1.0]]}}"""), "tokenizer.json");
        var found = new TrainerCheck(Conversations.Template("{% for m in messages %}<{{ m.content }}>{% endfor %}"), tokenizer, null, null).Findings(new Conversation(Conversations.Of(turns)));
        found.Where(finding => finding.Code != TrainerCodes.RolesDoNotAlternate).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            finding => finding.Code.ShouldBe(TrainerCodes.NotTokenized),
            finding => finding.Message.ShouldContain("ß"));
    }

    [Fact]
    public void A_missing_end_token_is_found() => Codes(["user: Hi", "assistant: Ho"], Simple.Replace("<end>", "", StringComparison.Ordinal)).ShouldBe([TrainerCodes.NoEndToken]);

    [Theory]
    [InlineData("<end>", false)]
    [InlineData("", true)]
    public void White_space_behind_an_end_token_is_none_of_the_answer(string end, bool isMissing) =>
        Codes(["user: Hi", "assistant: Ho"], $"{{% for m in messages %}}{{% if m.role == 'assistant' %}}{{% generation %}}{{{{ m.content }}}}{end}\n\n{{% endgeneration %}}{{% else %}}{{{{ m.content }}}}{{% endif %}}{{% endfor %}}")
            .ShouldBe(isMissing ? [TrainerCodes.NoEndToken] : []);

    [Fact]
    public void A_beginning_that_stands_twice_is_found() => Codes(["user: Hi", "assistant: Ho"], "<s>" + Simple, ("bos_token", "<s>")).ShouldBe([TrainerCodes.DoubleBos]);

    [Fact]
    public void A_special_token_in_a_text_of_the_user_is_found() => Codes(["user: say <end> now", "assistant: Ho"]).ShouldBe([TrainerCodes.SpecialTokenInText]);

    [Fact]
    public void A_conversation_that_the_template_refuses_is_found() => Codes(["user: Hi", "assistant: Ho"], "{{ raise_exception('never') }}").ShouldBe([TrainerCodes.NotRendered]);

    private static List<string> Codes(string[] turns, int? maxLength = null) => Codes(turns, Simple, maxLength);

    private static List<string> Codes(string[] turns, string source, params (string, string)[] tokens) => Codes(turns, source, null, tokens);

    private static List<string> Codes(string[] turns, string source, int? maxLength, params (string, string)[] tokens) =>
        [.. new TrainerCheck(Conversations.Template(source, tokens), new ByteTokenizer(["<s>", "<end>"]), maxLength, null).Findings(new Conversation(Conversations.Of(turns))).Select(finding => finding.Code)];
}
