namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Reads the statements of a template. What the language has and chat templates cannot use (other templates, translation, …) is refused by name.</summary>
internal sealed partial class JinjaParser
{
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["include"] = "there are no other templates to include",
        ["extends"] = "there are no other templates to extend",
        ["import"] = "there are no other templates to import",
        ["from"] = "there are no other templates to import",
        ["autoescape"] = "the text of a chat template is never escaped; |e escapes a value",
        ["do"] = "the extension is off where chat templates are rendered, and no value can be changed",
        ["trans"] = "the extension is off where chat templates are rendered",
        ["pluralize"] = "the extension is off where chat templates are rendered",
        ["debug"] = "the extension is off where chat templates are rendered",
    };

    private readonly IReadOnlyList<JinjaToken> tokens;
    private readonly Dictionary<string, BlockStatement> blocks = new(StringComparer.Ordinal);
    private int at;

    /// <summary>How many branches stand around the place that may never run.</summary>
    private int uncertain;
    private int loops;
    private bool hasGeneration;

    private JinjaParser(IReadOnlyList<JinjaToken> tokens) => this.tokens = tokens;

    private JinjaToken Current => tokens[at];

    private JinjaToken Ahead => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <exception cref="JinjaError">The source is no template, or not one that is supported.</exception>
    public static (IReadOnlyList<Statement> Body, IReadOnlyDictionary<string, BlockStatement> Blocks, bool HasGeneration) Parse(string source)
    {
        if (source.Length > JinjaLimits.SourceLength)
        {
            throw new JinjaError(JinjaFailure.Limit, $"a template of more than {JinjaLimits.SourceLength} characters", 1);
        }

        var parser = new JinjaParser(JinjaLexer.Read(source));
        var body = parser.ReadStatements([]);
        return (body, parser.blocks, parser.hasGeneration);
    }

    /// <summary>Statements up to a block that starts with one of the names, whose name is read; to the end of the template for none.</summary>
    private List<Statement> ReadStatements(IReadOnlyList<string> ends)
    {
        Deeper();
        var body = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            var token = Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Text) { Line = token.Line });
                    break;
                case TokenKind.VariableBegin:
                    body.Add(new OutputStatement(ReadTuple(inParentheses: false, isEnd: () => Current.Kind == TokenKind.VariableEnd)) { Line = token.Line });
                    Expect(TokenKind.VariableEnd);
                    break;
                default:
                    if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                    {
                        expressionDepth--;
                        return body;
                    }

                    body.AddRange(ReadStatement(token.Line));
                    Expect(TokenKind.BlockEnd);
                    break;
            }
        }

        expressionDepth--;
        return ends.Count == 0 ? body : throw Error($"the template ends where {{% {string.Join(" %} or {% ", ends)} %}} is expected", Current.Line);
    }

    /// <summary>The body of a statement, with its end.</summary>
    private List<Statement> ReadBody(string end)
    {
        ExpectBlockEnd();
        var body = ReadStatements([end]);
        at++;
        return body;
    }

    /// <summary>The body of something that is called rather than run in its place: no loop outside can be left from inside.</summary>
    private List<Statement> ReadCalledBody(string end)
    {
        var outer = (loops, uncertain);
        (loops, uncertain) = (0, 0);
        var body = ReadBody(end);
        (loops, uncertain) = outer;
        return body;
    }

    /// <summary>A colon may stand at the end of a block, as in Python.</summary>
    private void ExpectBlockEnd()
    {
        SkipOperator(":");
        Expect(TokenKind.BlockEnd);
    }

    private List<Statement> ReadStatement(int line)
    {
        var name = ExpectName();
        return name switch
        {
            "if" => [ReadIf(line)],
            "for" => [ReadFor(line)],
            "set" => [ReadSet(line)],
            "macro" => [ReadMacro(line)],
            "call" => [ReadCallBlock(line)],
            "filter" => [ReadFilterBlock(line)],
            "with" => [ReadWith(line)],
            "block" => [ReadBlock(line)],
            "print" => ReadPrint(line),
            "generation" => [ReadGeneration(line)],
            "break" or "continue" => [ReadLoopControl(name, line)],
            _ when Refused.TryGetValue(name, out var why) => throw JinjaError.Unsupported($"the statement '{name}' is not supported: {why}", line),
            _ => throw Error($"unknown statement '{name}'", line),
        };
    }

    private GenerationStatement ReadGeneration(int line)
    {
        hasGeneration = true;
        return new GenerationStatement(ReadCalledBody("endgeneration")) { Line = line };
    }

    private IfStatement ReadIf(int line)
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<Statement>)>();
        IReadOnlyList<Statement> otherwise = [];
        uncertain++;
        while (true)
        {
            var test = ReadTupleWithoutCondition(() => Current.Kind == TokenKind.BlockEnd);
            ExpectBlockEnd();
            branches.Add((test, ReadStatements(["elif", "else", "endif"])));
            var end = Next().Text;
            if (end == "elif")
            {
                continue;
            }

            if (end == "else")
            {
                otherwise = ReadBody("endif");
            }

            uncertain--;
            return new IfStatement(branches, otherwise) { Line = line };
        }
    }

    private ForStatement ReadFor(int line)
    {
        var target = ReadTarget(withNamespace: false, isEnd: () => Current.IsName("in"));
        ExpectName("in");
        var items = ReadTupleWithoutCondition(() => Current.Kind == TokenKind.BlockEnd || Current.IsName("recursive") || Current.IsName("if"));
        var test = SkipName("if") ? ReadExpression() : null;
        var isRecursive = SkipName("recursive");
        ExpectBlockEnd();
        loops++;
        var body = ReadStatements(["else", "endfor"]);
        loops--;
        var otherwise = Next().Text == "else" ? ReadBody("endfor") : [];
        return new ForStatement(target, items, test, isRecursive, body, otherwise) { Line = line };
    }

    /// <summary>As <see cref="ReadTuple"/>, but an <c>if</c> ends it: there it is the loop's own.</summary>
    private JinjaExpression ReadTupleWithoutCondition(Func<bool> isEnd)
    {
        var line = Current.Line;
        var items = new List<JinjaExpression>();
        var isTuple = false;
        while (!isEnd())
        {
            items.Add(ReadOr());
            if (!SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return items.Count == 0 ? throw Error("an expression is expected", line)
            : items.Count == 1 && !isTuple ? items[0]
            : new TupleExpression(items) { Line = line, Nesting = Over([.. items]) };
    }

    private Statement ReadSet(int line)
    {
        var target = ReadTarget(withNamespace: true, isEnd: () => Current.IsOperator("=") || Current.Kind == TokenKind.BlockEnd);
        if (SkipOperator("="))
        {
            return new SetStatement(target, ReadTuple(inParentheses: false, isEnd: () => Current.Kind == TokenKind.BlockEnd)) { Line = line };
        }

        FilterExpression? filter = null;
        while (SkipOperator("|"))
        {
            filter = ReadFilter(filter);
        }

        return new SetBlockStatement(target, filter, ReadBody("endset")) { Line = line };
    }

    private AssignmentTarget ReadTarget(bool withNamespace, Func<bool> isEnd)
    {
        var targets = new List<AssignmentTarget>();
        var isTuple = false;
        while (!isEnd())
        {
            targets.Add(ReadOneTarget(withNamespace));
            if (!SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return targets.Count == 1 && !isTuple ? targets[0] : targets.Count > 0 ? new TupleTarget(targets) : throw Unexpected(Current);
    }

    private AssignmentTarget ReadOneTarget(bool withNamespace)
    {
        var token = Next();
        if (token.IsOperator("("))
        {
            Deeper();
            var inside = ReadTarget(withNamespace, () => Current.IsOperator(")"));
            Expect(")");
            expressionDepth--;
            return inside;
        }

        if (token.Kind != TokenKind.Name || token.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw Error($"cannot assign to {token}", token.Line);
        }

        return withNamespace && SkipOperator(".") ? new NamespaceTarget(token.Text, ExpectName()) : new NameTarget(token.Text);
    }

    private MacroStatement ReadMacro(int line)
    {
        var name = ExpectName();
        return new MacroStatement(name, ReadMacroBody(ReadParameters(), "endmacro")) { Line = line };
    }

    private CallStatement ReadCallBlock(int line)
    {
        var parameters = Current.IsOperator("(") ? ReadParameters() : [];
        var call = ReadExpression() as CallExpression ?? throw Error("a call is expected", line);
        return new CallStatement(call, ReadMacroBody(parameters, "endcall")) { Line = line };
    }

    private List<MacroParameter> ReadParameters()
    {
        Expect("(");
        var parameters = new List<MacroParameter>();
        while (!SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                Expect(",");
            }

            var name = ExpectName();
            var fallback = SkipOperator("=") ? ReadExpression() : null;
            if (fallback is null && parameters.Count > 0 && parameters[^1].Default is not null)
            {
                throw Error($"the parameter '{name}' has no default, but stands behind one that has", Current.Line);
            }

            parameters.Add(new MacroParameter(name, fallback));
        }

        return parameters;
    }

    private MacroBody ReadMacroBody(List<MacroParameter> parameters, string end)
    {
        namesRead.Push(new HashSet<string>(StringComparer.Ordinal));
        var body = ReadCalledBody(end);
        return new MacroBody(parameters, body, namesRead.Pop());
    }

    private FilterStatement ReadFilterBlock(int line)
    {
        var filter = ReadFilter(null);
        while (SkipOperator("|"))
        {
            filter = ReadFilter(filter);
        }

        return new FilterStatement(filter, ReadBody("endfilter")) { Line = line };
    }

    private WithStatement ReadWith(int line)
    {
        var variables = new List<(AssignmentTarget, JinjaExpression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                Expect(",");
            }

            var target = ReadOneTarget(withNamespace: false);
            Expect("=");
            variables.Add((target, ReadExpression()));
        }

        return new WithStatement(variables, ReadBody("endwith")) { Line = line };
    }

    private BlockStatement ReadBlock(int line)
    {
        var name = ExpectName();
        var isScoped = SkipName("scoped");
        if (SkipName("required"))
        {
            throw JinjaError.Unsupported("a required block, which only another template could fill", line);
        }

        var block = new BlockStatement(name, isScoped, ReadCalledBody("endblock")) { Line = line };
        if (Current.IsName(name))
        {
            at++;
        }

        return blocks.TryAdd(name, block) ? block : throw Error($"two blocks are named '{name}'", line);
    }

    private List<Statement> ReadPrint(int line)
    {
        var printed = new List<Statement>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (printed.Count > 0)
            {
                Expect(",");
            }

            printed.Add(new OutputStatement(ReadExpression()) { Line = line });
        }

        return printed;
    }

    private LoopControl ReadLoopControl(string name, int line) =>
        loops > 0 ? new LoopControl(name == "break" ? Flow.Break : Flow.Continue) { Line = line } : throw Error($"'{name}' stands outside a loop", line);

    private JinjaToken Next()
    {
        var token = Current;
        at += token.Kind == TokenKind.End ? 0 : 1;
        return token;
    }

    private bool SkipName(string name)
    {
        var matches = Current.IsName(name);
        at += matches ? 1 : 0;
        return matches;
    }

    private bool SkipOperator(string name)
    {
        var matches = Current.IsOperator(name);
        at += matches ? 1 : 0;
        return matches;
    }

    private void Expect(string name)
    {
        if (!SkipOperator(name))
        {
            throw Error($"'{name}' is expected instead of '{Current}'", Current.Line);
        }
    }

    private void Expect(TokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Error($"the end of the {(kind == TokenKind.BlockEnd ? "block" : "expression")} is expected instead of '{Current}'", Current.Line);
        }

        at++;
    }

    private string ExpectName() => Current.Kind == TokenKind.Name ? Next().Text : throw Error($"a name is expected instead of '{Current}'", Current.Line);

    private void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            throw Error($"'{name}' is expected instead of '{Current}'", Current.Line);
        }
    }

    private static JinjaError Unexpected(JinjaToken token) => Error($"unexpected {token}", token.Line);

    private static JinjaError Error(string message, int line) => new(JinjaFailure.Syntax, message, line);
}
