using System.Text;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>The files in which templates are published.</summary>
public sealed class ChatTemplateFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_tokenizer_configuration_brings_its_template_and_special_tokens()
    {
        Write("tokenizer_config.json", """{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>","chat_template":"{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"}""");

        foreach (var path in (string[])[folder.At("tokenizer_config.json"), folder.Root])
        {
            ChatTemplate.Load(path).Render(Conversations.Of("user: Hi")).ShouldBe("<s>Hi</s>");
        }
    }

    [Fact]
    public void A_template_of_its_own_counts_more_than_the_configuration()
    {
        Write("tokenizer_config.json", """{"bos_token":"<s>","chat_template":"old"}""");
        Write("chat_template.jinja", "new {{ bos_token }}\n");

        var template = ChatTemplate.Load(folder.Root);

        template.Render(Conversations.Of("user: Hi")).ShouldBe("new <s>");
        template.Files.Select(Path.GetFileName).ShouldBe(["tokenizer_config.json", "chat_template.jinja"], ignoreOrder: true);
    }

    [Fact]
    public void Of_several_templates_one_is_taken_by_its_name_and_the_one_for_tools_where_there_are_tools()
    {
        Write("tokenizer_config.json", """{"chat_template":[{"name":"default","template":"plain"},{"name":"tool_use","template":"tools"},{"name":"rag","template":"rag"}]}""");
        var withTools = Conversations.Canonical("""{"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f"}]}""");

        ChatTemplate.Load(folder.Root).Render(Conversations.Of("user: Hi")).ShouldBe("plain");
        ChatTemplate.Load(folder.Root).Render(withTools).ShouldBe("tools");
        ChatTemplate.Load(folder.Root, "rag").Render(withTools).ShouldBe("rag");
        var failure = Should.Throw<DatasetException>(() => ChatTemplate.Load(folder.Root, "rga")).Diagnostic;
        failure.Code.ShouldBe(ChatErrors.NoTemplate);
        failure.Message.ShouldContain("default, rag, tool_use");
    }

    [Fact]
    public void Special_tokens_of_the_tokenizer_serve_a_template_without_any()
    {
        Write("tokenizer_config.json", """{"eos_token":"<|endoftext|>"}""");

        ChatTemplate.BuiltIn("Plain").WithSpecialTokensOf(folder.Root).Render(Conversations.Of("user: Hi", "assistant: Ho")).ShouldBe("Hi\nHo<|endoftext|>");
    }

    [Theory]
    [InlineData("chat_template.jinja", "{% if %}", ChatErrors.Syntax)]
    [InlineData("chat_template.jinja", "{% include 'x' %}", ChatErrors.Unsupported)]
    [InlineData("tokenizer_config.json", "{", ChatErrors.NoTemplate)]
    [InlineData("tokenizer_config.json", "{}", ChatErrors.NoTemplate)]
    [InlineData("tokenizer_config.json", """{"chat_template":[1]}""", ChatErrors.NoTemplate)]
    [InlineData("absent.txt", "", ChatErrors.NoTemplate)]
    public void A_file_that_is_no_template_is_refused(string name, string content, string code)
    {
        Write(name, content);

        Should.Throw<DatasetException>(() => ChatTemplate.Load(folder.Root)).Diagnostic.Code.ShouldBe(code);
    }

    [Fact]
    public void A_missing_file_and_an_unknown_name_are_errors()
    {
        Should.Throw<DatasetException>(() => ChatTemplate.Load(folder.At("none.jinja"))).Diagnostic.Code.ShouldBe(ChatErrors.Unreadable);
        Should.Throw<DatasetException>(() => ChatTemplate.BuiltIn("Llama9")).Diagnostic.Code.ShouldBe(ChatErrors.NoTemplate);
    }

    [Fact]
    public void A_misspelt_name_lists_the_built_in_ones() =>
        Should.Throw<DatasetException>(() => ChatTemplate.Load("Llama4")).Message.ShouldContain("Llama2, Llama3");

    [Fact]
    public void A_special_token_that_nobody_declares_says_where_to_declare_it()
    {
        Write("chat_template.jinja", "{{ messages[0].content + eos_token }}");

        Should.Throw<DatasetException>(() => ChatTemplate.Load(folder.Root).Render(Conversations.Of("user: Hi"))).Message.ShouldContain("Declare eos_token in tokenizer_config.json");
    }

    private void Write(string name, string content) => folder.Write(name, Encoding.UTF8.GetBytes(content));
}
