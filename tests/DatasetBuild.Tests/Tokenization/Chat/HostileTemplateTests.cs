using System.Text;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>Templates come from others: whatever they try, it ends soon, in bounded memory, with a code.</summary>
public sealed class HostileTemplateTests
{
    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{{ 'a' * 1000000000 }}")]
    [InlineData("{{ [0] * 1000000000 }}")]
    [InlineData("{{ 'a'.ljust(1000000000) }}{{ 'a'.zfill(2000000000) }}")]
    [InlineData("{{ '%1000000000d' % 1 }}")]
    [InlineData("{{ '{:1000000000}'.format(1) }}")]
    [InlineData("{{ '%.1000000000f' % 1.0 }}")]
    [InlineData("{{ 'a\tb'.expandtabs(1000000000) }}")]
    [InlineData("{{ 9 ** (9 ** (9 ** 9)) }}")]
    [InlineData("{{ (2 ** 1000000) * (2 ** 1000000) }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=['ab']) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='') %}{% for i in range(100000) %}{% set ns.s = ns.s + 'aaaaaaaaaaaaaaaaaaaa' %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(10000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(10000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}")]
    [InlineData("{% set ns = namespace(x=[], y=[]) %}{% for i in range(10000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}")]
    [InlineData("{% set ns = namespace(x=[1, 1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|string }}")]
    [InlineData("{% set ns = namespace(x=[1, 1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x|list }}{{ ns.x|tojson }}")]
    [InlineData("{{ {'a': [[1]*1000]*1000}|tojson(indent=1000) }}")]
    [InlineData("{{ (['a'*1000]*100000)|join }}")]
    [InlineData("{{ ' '.join(['a'*1000]*100000) }}")]
    [InlineData("{{ range(100000)|batch(1, 'x')|map('list')|map('join', 'a'*100000)|list|sort|length }}{% for i in range(99999) %}{{ range(99999)|list }}{% endfor %}")]
    [InlineData("{{ ('a'*100000)|indent(1000000, true)|replace('a', 'b'*10000) }}")]
    public void Work_without_end_is_stopped(string source)
    {
        var template = Conversations.Template(source);
        var before = GC.GetTotalAllocatedBytes();

        var failure = Should.Throw<DatasetException>(() => template.Render(Conversations.Of("user: hi"))).Diagnostic;

        failure.Code.ShouldBe(ChatErrors.TooMuchWork, failure.Message);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(4L << 30);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    [InlineData("1 + ", "")]
    [InlineData("{'a': ", "}")]
    [InlineData("x(", ")")]
    public void Nesting_without_end_is_refused(string open, string close)
    {
        var source = new StringBuilder("{{ ").Insert(3, open, 50_000).Append('1').Insert(3 + (open.Length * 50_000) + 1, close, 50_000).Append(" }}").ToString();

        Should.Throw<DatasetException>(() => Conversations.Template(source)).Diagnostic.Code.ShouldBe(ChatErrors.TooMuchWork);
    }

    [Fact]
    public void Statements_within_statements_are_refused_where_they_are_too_deep()
    {
        var source = string.Concat(Enumerable.Repeat("{% if x %}", 50_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 50_000));

        Should.Throw<DatasetException>(() => Conversations.Template(source)).Diagnostic.Code.ShouldBe(ChatErrors.TooMuchWork);
    }

    [Theory]
    [InlineData("{{ ''.__class__ }}|")]
    [InlineData("{{ messages.__class__ }}{{ messages['__class__'] }}|")]
    [InlineData("{{ messages|attr('__class__') }}{{ namespace.__init__ }}{{ ''.Length }}{{ ''['Length'] }}{{ messages.Items }}|")]
    [InlineData("{{ messages.GetType }}{{ raise_exception.Method }}{{ (messages|map('upper')).gi_frame }}|")]
    public void No_attribute_leads_out_of_the_template(string source) =>
        Conversations.Template(source).Render(Conversations.Of("user: hi")).ShouldBe("|");

    [Theory]
    [InlineData("{{ messages.append(1) }}")]
    [InlineData("{{ messages[0].update({'role': 'x'}) }}")]
    [InlineData("{{ messages[0].pop('role') }}")]
    [InlineData("{% set messages[0] = 1 %}")]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{{ '{0.__class__.__mro__}'.format(1) }}")]
    public void Nothing_can_be_changed(string source) => Should.Throw<DatasetException>(() => Conversations.Template(source).Render(Conversations.Of("user: hi")));

    [Fact]
    public void A_long_conversation_may_cost_more()
    {
        var text = new string('x', 30 << 20);

        ChatTemplate.BuiltIn("Llama3").Render(Conversations.Of($"user: {text}", "assistant: ok")).Length.ShouldBeGreaterThan(text.Length);
    }
}
