namespace DatasetBuild.Tokenization;

/// <summary>Compiles an expression to instructions for <see cref="ExpressionMatcher"/>.</summary>
internal sealed class ExpressionCompiler
{
    private const int MostInstructions = 20_000;
    private const int LongestLookBehind = 255;

    private readonly List<Instruction> _code = [];
    private int _registers;

    /// <exception cref="ExpressionException">The expression is too large, or looks back without a limit.</exception>
    public static ExpressionProgram Compile(string pattern)
    {
        var expression = ExpressionParser.Parse(pattern);
        var compiler = new ExpressionCompiler();
        compiler.Emit(expression);
        compiler.Add(new Instruction(Operation.Accept));
        var (first, empty) = First(expression);
        return new ExpressionProgram([.. compiler._code], compiler._registers, empty ? null : first);
    }

    private int Add(Instruction instruction)
    {
        if (_code.Count == MostInstructions)
        {
            throw new ExpressionException($"more than {MostInstructions} steps once repetitions are written out");
        }

        _code.Add(instruction);
        return _code.Count - 1;
    }

    private void Emit(Expression expression)
    {
        switch (expression)
        {
            case Expression.Characters characters:
                Add(new Instruction(Operation.Character, Set: characters.Set));
                break;
            case Expression.Concatenation concatenation:
                foreach (var part in concatenation.Parts)
                {
                    Emit(part);
                }

                break;
            case Expression.Alternation alternation:
                EmitAlternation(alternation.Choices);
                break;
            case Expression.Repetition repetition:
                EmitRepetition(repetition);
                break;
            case Expression.Atomic atomic:
                EmitInner(new Instruction(Operation.Atomic), atomic.Body, Operation.Accept);
                break;
            case Expression.Look look when look.Behind:
                var (least, most) = Length(look.Body);
                var behind = look.Negative ? Operation.NotBehind : Operation.LookBehind;
                EmitInner(
                    most <= LongestLookBehind
                        ? new Instruction(behind, Least: (int)least, Most: (int)most)
                        : throw new ExpressionException($"a look-behind of more than {LongestLookBehind} characters"),
                    look.Body,
                    Operation.Return);
                break;
            case Expression.Look look:
                EmitInner(new Instruction(look.Negative ? Operation.NotAhead : Operation.LookAhead), look.Body, Operation.Accept);
                break;
            case Expression.Assertion assertion:
                Add(new Instruction(Operation.Assert, (int)assertion.Kind));
                break;
            default:
                throw new InvalidOperationException($"{expression} has no instructions.");
        }
    }

    private void EmitInner(Instruction head, Expression body, Operation end)
    {
        var at = Add(head);
        Emit(body);
        Add(new Instruction(end));
        _code[at] = head with { A = _code.Count };
    }

    private void EmitAlternation(IReadOnlyList<Expression> choices)
    {
        var jumps = new List<int>();
        for (var i = 0; i < choices.Count; i++)
        {
            var split = i < choices.Count - 1 ? Add(default) : -1;
            Emit(choices[i]);
            if (split >= 0)
            {
                jumps.Add(Add(default));
                _code[split] = new Instruction(Operation.Split, split + 1, _code.Count);
            }
        }

        foreach (var jump in jumps)
        {
            _code[jump] = new Instruction(Operation.Jump, _code.Count);
        }
    }

    private void EmitRepetition(Expression.Repetition repetition)
    {
        for (var (i, before) = (0, -1); i < repetition.Least && before != _code.Count; i++)
        {
            // What has no instructions is the same however often it stands there.
            before = _code.Count;
            Emit(repetition.Body);
        }

        if (repetition.Most == Expression.Repetition.Unlimited)
        {
            EmitLoop(repetition);
            return;
        }

        // x{0,3} is (x(x(x)?)?)?, so each step out of it goes to the same end.
        var splits = new List<int>();
        for (var i = repetition.Least; i < repetition.Most; i++)
        {
            splits.Add(Add(default));
            Emit(repetition.Body);
        }

        foreach (var split in splits)
        {
            _code[split] = Split(split + 1, _code.Count, repetition.Lazy);
        }
    }

    private void EmitLoop(Expression.Repetition repetition)
    {
        if (repetition is { Body: Expression.Characters characters, Lazy: false })
        {
            Add(new Instruction(Operation.Star, Set: characters.Set));
            return;
        }

        var split = Add(default);
        var register = First(repetition.Body).Empty ? _registers++ : -1;
        if (register >= 0)
        {
            Add(new Instruction(Operation.Mark, register));
        }

        Emit(repetition.Body);
        var progress = register >= 0 ? Add(default) : -1;
        Add(new Instruction(Operation.Jump, split));
        if (progress >= 0)
        {
            _code[progress] = new Instruction(Operation.Progress, register, _code.Count);
        }

        _code[split] = Split(split + 1, _code.Count, repetition.Lazy);
    }

    private static Instruction Split(int into, int past, bool lazy) =>
        new(Operation.Split, lazy ? past : into, lazy ? into : past);

    /// <summary>The characters that a match can start with, and whether it can be empty.</summary>
    private static (CodePointSet Set, bool Empty) First(Expression expression)
    {
        switch (expression)
        {
            case Expression.Characters characters:
                return (characters.Set, false);
            case Expression.Concatenation concatenation:
                var set = CodePointSet.Empty;
                foreach (var part in concatenation.Parts)
                {
                    var (first, empty) = First(part);
                    set = set.Union(first);
                    if (!empty)
                    {
                        return (set, false);
                    }
                }

                return (set, true);
            case Expression.Alternation alternation:
                var all = alternation.Choices.Select(First).ToList();
                return (all.Aggregate(CodePointSet.Empty, (sum, choice) => sum.Union(choice.Set)), all.Any(choice => choice.Empty));
            case Expression.Repetition repetition:
                var body = First(repetition.Body);
                return (body.Set, body.Empty || repetition.Least == 0);
            case Expression.Atomic atomic:
                return First(atomic.Body);
            default:
                return (CodePointSet.Empty, true);
        }
    }

    /// <summary>The fewest and the most characters that a match has.</summary>
    private static (long Least, long Most) Length(Expression expression)
    {
        switch (expression)
        {
            case Expression.Characters:
                return (1, 1);
            case Expression.Concatenation concatenation:
                var parts = concatenation.Parts.Select(Length).ToList();
                return (parts.Sum(part => part.Least), parts.Sum(part => part.Most));
            case Expression.Alternation alternation:
                var choices = alternation.Choices.Select(Length).ToList();
                return (choices.Min(choice => choice.Least), choices.Max(choice => choice.Most));
            case Expression.Repetition repetition:
                var (least, most) = Length(repetition.Body);
                return (Math.Min(least * repetition.Least, int.MaxValue), Math.Min(most * repetition.Most, int.MaxValue));
            case Expression.Atomic atomic:
                return Length(atomic.Body);
            default:
                return (0, 0);
        }
    }
}
