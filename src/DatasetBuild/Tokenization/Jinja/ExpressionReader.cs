namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Reads expressions, from the loosest operator to the tightest: if, or, and, not, comparisons, + -, ~, * / // %, **, signs, and what stands behind a value.</summary>
internal sealed partial class JinjaParser
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>Names that are read, for each macro around the place; see <see cref="MacroBody.Uses"/>.</summary>
    private readonly Stack<HashSet<string>> namesRead = [];
    private int expressionDepth;

    private JinjaExpression ReadExpression()
    {
        Deeper();
        var line = Current.Line;
        var expression = ReadOr();
        while (SkipName("if"))
        {
            // What runs only sometimes may use filters that do not exist.
            uncertain++;
            var test = ReadOr();
            var otherwise = SkipName("else") ? ReadExpression() : null;
            uncertain--;
            expression = new ConditionalExpression(test, expression, otherwise) { Line = line, Nesting = Over(test, expression, otherwise) };
        }

        expressionDepth--;
        return expression;
    }

    private JinjaExpression ReadOr()
    {
        var left = ReadAnd();
        while (SkipName("or"))
        {
            var right = ReadAnd();
            left = new LogicalExpression(isAnd: false, left, right) { Line = left.Line, Nesting = Over(left, right) };
        }

        return left;
    }

    private JinjaExpression ReadAnd()
    {
        var left = ReadNot();
        while (SkipName("and"))
        {
            var right = ReadNot();
            left = new LogicalExpression(isAnd: true, left, right) { Line = left.Line, Nesting = Over(left, right) };
        }

        return left;
    }

    private JinjaExpression ReadNot()
    {
        var line = Current.Line;
        if (!SkipName("not"))
        {
            return ReadComparison();
        }

        Deeper();
        var operand = ReadNot();
        expressionDepth--;
        return new NotExpression(operand) { Line = line, Nesting = Over(operand) };
    }

    private JinjaExpression ReadComparison()
    {
        var first = ReadSum();
        var rest = new List<(string, JinjaExpression)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && Array.IndexOf(Comparisons, Current.Text) >= 0)
            {
                rest.Add((Next().Text, ReadSum()));
            }
            else if (SkipName("in"))
            {
                rest.Add(("in", ReadSum()));
            }
            else if (Current.IsName("not") && Ahead.IsName("in"))
            {
                at += 2;
                rest.Add(("not in", ReadSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new ComparisonExpression(first, rest) { Line = first.Line, Nesting = Over([first, .. rest.Select(pair => pair.Item2)]) };
            }
        }
    }

    private JinjaExpression ReadSum() => ReadBinary(["+", "-"], ReadConcat);

    private JinjaExpression ReadConcat()
    {
        var items = new List<JinjaExpression> { ReadProduct() };
        while (SkipOperator("~"))
        {
            items.Add(ReadProduct());
        }

        return items.Count == 1 ? items[0] : new ConcatExpression(items) { Line = items[0].Line, Nesting = Over([.. items]) };
    }

    private JinjaExpression ReadProduct() => ReadBinary(["*", "/", "//", "%"], () => ReadBinary(["**"], () => ReadUnary(withFilters: true)));

    private JinjaExpression ReadBinary(string[] names, Func<JinjaExpression> readOperand)
    {
        var left = readOperand();
        while (Current.Kind == TokenKind.Operator && Array.IndexOf(names, Current.Text) >= 0)
        {
            var name = Next().Text;
            var right = readOperand();
            left = new BinaryExpression(name, left, right) { Line = left.Line, Nesting = Over(left, right) };
        }

        return left;
    }

    private JinjaExpression ReadUnary(bool withFilters)
    {
        JinjaExpression value;
        var line = Current.Line;
        if (Current.IsOperator("-") || Current.IsOperator("+"))
        {
            var isNegative = Next().Text == "-";
            Deeper();
            var operand = ReadUnary(withFilters: false);
            expressionDepth--;
            value = new SignExpression(isNegative, operand) { Line = line, Nesting = Over(operand) };
        }
        else
        {
            value = ReadPrimary();
        }

        value = ReadPostfix(value);
        return withFilters ? ReadFilters(value) : value;
    }

    private JinjaExpression ReadPrimary()
    {
        var token = Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => Literal(true),
                    "false" or "False" => Literal(false),
                    "none" or "None" => Literal(null),
                    _ => Name(token),
                };
            case TokenKind.Text:
                var text = (string)token.Value!;
                while (Current.Kind == TokenKind.Text)
                {
                    text += (string)Next().Value!;
                }

                return Literal(text);
            case TokenKind.Number:
                return Literal(token.Value);
            case TokenKind.Operator when token.Text == "(":
                var inside = ReadTuple(inParentheses: true, isEnd: () => Current.IsOperator(")"));
                Expect(")");
                return inside;
            case TokenKind.Operator when token.Text == "[":
                var items = ReadItems("]", ReadExpression);
                return new ListExpression(items) { Line = token.Line, Nesting = Over([.. items]) };
            case TokenKind.Operator when token.Text == "{":
                var pairs = ReadItems("}", () =>
                {
                    var key = ReadExpression();
                    Expect(":");
                    return (key, ReadExpression());
                });
                return new DictExpression(pairs) { Line = token.Line, Nesting = Over([.. pairs.SelectMany(pair => (JinjaExpression[])[pair.key, pair.Item2])]) };
            default:
                throw Unexpected(token);
        }

        Constant Literal(object? value) => new(value) { Line = token.Line, Nesting = 1 };
    }

    private NameExpression Name(JinjaToken token)
    {
        foreach (var names in namesRead)
        {
            names.Add(token.Text);
        }

        return new NameExpression(token.Text) { Line = token.Line, Nesting = 1 };
    }

    /// <summary>One expression, or several with commas between them, which are a tuple.</summary>
    private JinjaExpression ReadTuple(bool inParentheses, Func<bool> isEnd)
    {
        var line = Current.Line;
        var items = new List<JinjaExpression>();
        var isTuple = false;
        while (!isEnd())
        {
            items.Add(ReadExpression());
            if (!SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return items.Count == 1 && !isTuple ? items[0]
            : items.Count == 0 && !inParentheses ? throw Error("an expression is expected", line)
            : new TupleExpression(items) { Line = line, Nesting = Over([.. items]) };
    }

    private List<T> ReadItems<T>(string end, Func<T> readItem)
    {
        var items = new List<T>();
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                Expect(",");
                if (SkipOperator(end))
                {
                    break;
                }
            }

            items.Add(readItem());
        }

        return items;
    }

    private JinjaExpression ReadPostfix(JinjaExpression value)
    {
        while (true)
        {
            if (SkipOperator("."))
            {
                var token = Next();
                value = token.Kind == TokenKind.Name ? new AttributeExpression(value, token.Text) { Line = token.Line, Nesting = Over(value) }
                    : token is { Kind: TokenKind.Number, Value: long or System.Numerics.BigInteger } ? new ItemExpression(value, new Constant(token.Value) { Line = token.Line, Nesting = 1 }) { Line = token.Line, Nesting = Over(value) }
                    : throw Error("a name or a number is expected behind the point", token.Line);
            }
            else if (Current.IsOperator("["))
            {
                value = ReadSubscript(value);
            }
            else if (Current.IsOperator("("))
            {
                value = ReadCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression ReadSubscript(JinjaExpression value)
    {
        var line = Next().Line;
        var items = new List<JinjaExpression>();
        var isSlice = false;
        JinjaExpression?[] bounds = [null, null, null];
        while (!Current.IsOperator("]"))
        {
            if (items.Count > 0 || isSlice)
            {
                Expect(",");
            }

            if (isSlice)
            {
                throw JinjaError.Unsupported("several slices in one subscript", line);
            }

            if (!Current.IsOperator(":"))
            {
                items.Add(ReadExpression());
            }

            if (SkipOperator(":"))
            {
                isSlice = true;
                bounds[0] = items.Count > 0 ? items[^1] : null;
                bounds[1] = Bound();
                bounds[2] = SkipOperator(":") ? Bound() : null;
            }
        }

        Expect("]");
        return isSlice ? (items.Count > 1 ? throw JinjaError.Unsupported("several slices in one subscript", line) : new SliceExpression(value, bounds[0], bounds[1], bounds[2]) { Line = line, Nesting = Over(value, bounds[0], bounds[1], bounds[2]) })
            : items.Count == 1 ? new ItemExpression(value, items[0]) { Line = line, Nesting = Over(value, items[0]) }
            : new ItemExpression(value, new TupleExpression(items) { Line = line, Nesting = Over([.. items]) }) { Line = line, Nesting = Over([value, .. items]) };

        JinjaExpression? Bound() => Current.IsOperator(":") || Current.IsOperator("]") || Current.IsOperator(",") ? null : ReadExpression();
    }

    private CallExpression ReadCall(JinjaExpression target)
    {
        var line = Current.Line;
        var arguments = ReadArguments();
        return new CallExpression(target, arguments) { Line = line, Nesting = Math.Max(Over(target), Checked(arguments.Nesting + 1)) };
    }

    private ArgumentList ReadArguments()
    {
        var line = Current.Line;
        Expect("(");
        var positional = new List<JinjaExpression>();
        var named = new List<(string, JinjaExpression)>();
        JinjaExpression? more = null, moreNamed = null;
        var isFirst = true;
        while (!SkipOperator(")"))
        {
            if (!isFirst)
            {
                Expect(",");
                if (SkipOperator(")"))
                {
                    break;
                }
            }

            isFirst = false;
            if (SkipOperator("*"))
            {
                Require(more is null && moreNamed is null);
                more = ReadExpression();
            }
            else if (SkipOperator("**"))
            {
                Require(moreNamed is null);
                moreNamed = ReadExpression();
            }
            else if (Current.Kind == TokenKind.Name && Ahead.IsOperator("="))
            {
                Require(moreNamed is null);
                var name = Next().Text;
                at++;
                named.Add((name, ReadExpression()));
            }
            else
            {
                Require(more is null && moreNamed is null && named.Count == 0);
                positional.Add(ReadExpression());
            }
        }

        return isFirst ? ArgumentList.None : new ArgumentList(positional, named, more, moreNamed);

        void Require(bool condition)
        {
            if (!condition)
            {
                throw Error("the arguments of a call are out of order: by position, by name, *list, **mapping", line);
            }
        }
    }

    private JinjaExpression ReadFilters(JinjaExpression value)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
            {
                at++;
                value = ReadFilter(value);
            }
            else if (Current.IsName("is"))
            {
                value = ReadTest(value);
            }
            else if (Current.IsOperator("("))
            {
                value = ReadCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private FilterExpression ReadFilter(JinjaExpression? value)
    {
        var line = Current.Line;
        var name = ReadDottedName();
        if (!Filters.Exists(name) && uncertain == 0)
        {
            throw Error($"no filter is named '{name}'", line);
        }

        var arguments = Current.IsOperator("(") ? ReadArguments() : ArgumentList.None;
        return new FilterExpression(value, name, arguments) { Line = line, Nesting = Math.Max(Over(value), Checked(arguments.Nesting + 1)) };
    }

    private JinjaExpression ReadTest(JinjaExpression value)
    {
        var line = Next().Line;
        var isNegated = SkipName("not");
        var name = ReadDottedName();
        if (!JinjaTests.Exists(name) && uncertain == 0)
        {
            throw Error($"no test is named '{name}'", line);
        }

        var arguments = ArgumentList.None;
        if (Current.IsOperator("("))
        {
            arguments = ReadArguments();
        }
        else if ((Current.Kind is TokenKind.Name or TokenKind.Text or TokenKind.Number || Current.IsOperator("[") || Current.IsOperator("{")) && Current.Text is not ("else" or "or" or "and"))
        {
            if (Current.IsName("is"))
            {
                throw Error("tests with 'is' cannot be chained", line);
            }

            arguments = new ArgumentList([ReadPostfix(ReadPrimary())], [], null, null);
        }

        JinjaExpression test = new TestExpression(value, name, arguments) { Line = line, Nesting = Math.Max(Over(value), Checked(arguments.Nesting + 1)) };
        return isNegated ? new NotExpression(test) { Line = line, Nesting = Over(test) } : test;
    }

    private string ReadDottedName()
    {
        var name = ExpectName();
        while (SkipOperator("."))
        {
            name += "." + ExpectName();
        }

        return name;
    }

    private int Over(params JinjaExpression?[] inner) => Checked(inner.Select(expression => expression?.Nesting ?? 0).DefaultIfEmpty().Max() + 1);

    private int Checked(int nesting) => nesting <= JinjaLimits.Nesting ? nesting : throw TooDeep();

    private void Deeper()
    {
        if (++expressionDepth > JinjaLimits.Nesting)
        {
            throw TooDeep();
        }
    }

    private JinjaError TooDeep() => new(JinjaFailure.Limit, $"expressions or statements nested more than {JinjaLimits.Nesting} deep", Current.Line);
}
