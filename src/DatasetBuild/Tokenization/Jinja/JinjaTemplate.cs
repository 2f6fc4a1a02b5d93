namespace DatasetBuild.Tokenization.Jinja;

/// <summary>What a template wrote.</summary>
/// <param name="Text">The text.</param>
/// <param name="Generations">Half-open ranges of the text, in UTF-16, that <c>{% generation %}</c> blocks wrote, in order.</param>
/// <param name="HasUnplacedGeneration">Whether such a block wrote into a text that was then changed or moved, so that its range is not known.</param>
internal sealed record JinjaOutput(string Text, IReadOnlyList<(int Start, int End)> Generations, bool HasUnplacedGeneration);

/// <summary>
/// A template of the language Jinja 3.1, set up as Hugging Face's <c>apply_chat_template</c> does it: <c>trim_blocks</c>, <c>lstrip_blocks</c>, loop controls,
/// <c>{% generation %}</c>, the immutable sandbox, no automatic escaping. Immutable and thread-safe.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly IReadOnlyList<Statement> body;
    private readonly IReadOnlyDictionary<string, BlockStatement> blocks;

    /// <exception cref="JinjaError">The source is no template, or asks for what is refused.</exception>
    public JinjaTemplate(string source)
    {
        (body, blocks, HasGeneration) = JinjaParser.Parse(source);
    }

    /// <summary>Whether the template marks what the assistant says.</summary>
    public bool HasGeneration { get; }

    /// <param name="variables">What the template can name.</param>
    /// <param name="inputLength">About how many characters the variables hold; it raises what the rendering may cost.</param>
    /// <param name="date">What <c>strftime_now</c> formats, or null.</param>
    /// <exception cref="JinjaError">The template does not give a text.</exception>
    public JinjaOutput Render(IEnumerable<KeyValuePair<string, object?>> variables, long inputLength, DateTime? date)
    {
        var scope = new Scope(null);
        foreach (var (name, value) in variables)
        {
            scope.Set(name, value);
        }

        var rendering = new Rendering(inputLength) { Date = date, Blocks = blocks };
        scope.Set("self", new CallableValue("self", (_, _) => throw JinjaError.Runtime("'TemplateReference' object is not callable"))
        {
            Spelling = "<TemplateReference None>",
            Attributes = name => blocks.TryGetValue(name, out var block) ? (true, new CallableValue(name, (r, _) => block.Text(r, scope))) : (false, null),
        });
        Statement.RunAll(body, rendering, scope);
        return new JinjaOutput(rendering.Output, rendering.Generations, rendering.HasUnplacedGeneration);
    }
}
