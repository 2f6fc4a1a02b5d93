using System.Globalization;
using System.Text.Json;
using DatasetBuild.Tokenization.Chat;
using DatasetBuild.Tokenization.Jinja;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>The language itself, against what Jinja 3.1.6 under Python 3.11 gives for the same templates, with transformers' settings.</summary>
public sealed class JinjaLanguageTests
{
    private static readonly string[] Pieces =
    [
        "{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "{# ", " #}", "if x", "endif", "for i in x", "endfor", "set x = ", "macro f(a)", "endmacro", "generation", "endgeneration", "x", "1", "'a'", "|upper", "|list",
        "|tojson", ".y", "[0]", "[", "]", "(", ")", "{", "}", "is defined", " + ", " ~ ", " in ", "not ", "\n", "  ", "raw", "endraw", "loop.last", "f(1)", "break", "é", "😀", "\\", "\"", "1e9", "**", ":", ",", "=",
    ];

    [Fact]
    public void Every_case_has_the_text_of_the_reference_or_fails_where_it_fails()
    {
        using var stream = typeof(JinjaLanguageTests).Assembly.GetManifestResourceStream("jinja-cases.json")!;
        using var json = JsonDocument.Parse(stream);
        foreach (var group in json.RootElement.EnumerateArray())
        {
            var variables = group.GetProperty("variables").EnumerateObject().Select(variable => new KeyValuePair<string, object?>(variable.Name, JsonValues.Of(variable.Value))).ToList();
            var date = group.GetProperty("date").GetString() is { } day ? DateTime.Parse(day, CultureInfo.InvariantCulture) : (DateTime?)null;
            foreach (var one in group.GetProperty("cases").EnumerateArray())
            {
                var source = one.GetProperty("template").GetString()!;
                if (one.TryGetProperty("rendered", out var rendered))
                {
                    var output = new JinjaTemplate(source).Render(variables, 10_000, date);
                    output.Text.ShouldBe(rendered.GetString(), source);
                    output.Generations.Count.ShouldBe(one.TryGetProperty("generations", out var generations) ? generations.GetArrayLength() : 0, source);
                    continue;
                }

                var failure = Should.Throw<JinjaError>(() => new JinjaTemplate(source).Render(variables, 10_000, date), source);
                (failure.Failure == JinjaFailure.Raised ? failure.Message : null).ShouldBe(one.TryGetProperty("raised", out var raised) ? raised.GetString() : null, source);
            }
        }
    }

    [Fact]
    public void Rubble_is_refused_and_never_breaks_the_engine()
    {
        var sources = Gen.Elements(Pieces).ArrayOf().Select(string.Concat);
        Prop.ForAll(sources.ToArbitrary(), source =>
        {
            try
            {
                new JinjaTemplate(source).Render([new("x", new ListValue([1L, "a"]))], 10, null);
            }
            catch (JinjaError)
            {
                // As it should.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40));
    }

    [Theory]
    [InlineData("{% include 'a' %}", "include")]
    [InlineData("{% extends 'a' %}", "extends")]
    [InlineData("{% import 'a' as b %}", "import")]
    [InlineData("{% from 'a' import b %}", "from")]
    [InlineData("{% do x %}", "do")]
    [InlineData("{% autoescape true %}{% endautoescape %}", "autoescape")]
    [InlineData("{{ x|random }}", "random")]
    [InlineData("{{ lipsum() }}", "lipsum")]
    [InlineData("{{ x|urlize }}", "urlize")]
    [InlineData("{{ 'ß'.casefold() }}", "casefold")]
    [InlineData("{{ x.append }}{{ x|map('upper') }}", "print a generator")]
    public void What_is_not_supported_is_refused_by_its_name(string source, string name)
    {
        var failure = Should.Throw<JinjaError>(() => new JinjaTemplate(source).Render([new("x", new ListValue(["a"]))], 10, null));

        failure.Failure.ShouldBe(JinjaFailure.Unsupported);
        failure.Message.ShouldContain(name);
    }

    [Fact]
    public void A_date_is_only_had_where_one_is_declared()
    {
        var template = Conversations.Template("{{ strftime_now('%d %b %Y') }}");

        template.Render(Conversations.Of("user: hi"), date: "2026-07-04").ShouldBe("04 Jul 2026");
        var failure = Should.Throw<DatasetException>(() => template.Render(Conversations.Of("user: hi"))).Diagnostic;
        (failure.Code, failure.Message.Contains("DatasetDate", StringComparison.Ordinal)).ShouldBe((ChatErrors.Failed, true));
    }

    [Fact]
    public void An_error_tells_the_line_of_the_template()
    {
        Should.Throw<JinjaError>(() => new JinjaTemplate("a\n{% if true %}\n{{ x.y.z }}\n{% endif %}").Render([new("x", 1L)], 10, null)).Line.ShouldBe(3);
        Should.Throw<JinjaError>(() => new JinjaTemplate("a\n\n{{ x | }}")).Line.ShouldBe(3);
    }
}
