using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Parses regular expressions in the syntax of Oniguruma, as tokenizer files use it. Everything is in Unicode scalar values. What would need
/// the text of a group (backreferences, calls, conditions) and the rarer extensions are refused by name.
/// </summary>
internal sealed partial class ExpressionParser
{
    private const int LongestPattern = 100_000;
    private const int DeepestGroup = 200;
    private const int MostRepetitions = 100_000;

    private readonly int[] _pattern;
    private int _position;
    private int _depth;
    private Options _options;

    private ExpressionParser(string pattern) => _pattern = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    [Flags]
    private enum Options
    {
        None = 0,
        IgnoreCase = 1,
        DotMatchesNewline = 2,
        Extended = 4,
    }

    /// <exception cref="ExpressionException">The pattern is malformed or asks for something that is not supported.</exception>
    public static Expression Parse(string pattern)
    {
        if (pattern.Length > LongestPattern)
        {
            throw new ExpressionException($"more than {LongestPattern} characters");
        }

        var parser = new ExpressionParser(pattern);
        var expression = parser.Alternatives();
        return parser._position == parser._pattern.Length ? expression : throw parser.Error("an unmatched closing parenthesis");
    }

    private int Current => _position < _pattern.Length ? _pattern[_position] : -1;

    private Expression Alternatives()
    {
        if (++_depth > DeepestGroup)
        {
            throw Error($"groups nested deeper than {DeepestGroup}");
        }

        var choices = new List<Expression> { Sequence() };
        while (Take('|'))
        {
            choices.Add(Sequence());
        }

        _depth--;
        return choices.Count == 1 ? choices[0] : new Expression.Alternation(choices);
    }

    private Expression Sequence()
    {
        var parts = new List<Expression>();
        var literal = new StringBuilder();
        while (Current is not (-1 or '|' or ')'))
        {
            if (_options.HasFlag(Options.Extended) && SkipBlank())
            {
                continue;
            }

            var start = _position;
            if (Atom() is { } atom)
            {
                RefuseFoldedPairs(literal, start);
                parts.Add(Quantified(atom));
            }
        }

        return parts.Count == 1 ? parts[0] : new Expression.Concatenation(parts);
    }

    // Oniguruma lets (?i:ss) match a sharp s and (?i:fi) a ligature. Patterns with such pairs are not written for tokenizers.
    private void RefuseFoldedPairs(StringBuilder literal, int start)
    {
        var one = _position == start + 1 && _options.HasFlag(Options.IgnoreCase) && char.IsAscii((char)_pattern[start]) ? char.ToLowerInvariant((char)_pattern[start]) : '\0';
        literal.Append(one);
        if (literal.ToString()[Math.Max(0, literal.Length - 2)..] is "ss" or "st" or "ff" or "fi" or "fl")
        {
            throw Error($"'{literal.ToString()[^2..]}' without regard to case, which also means a single character");
        }
    }

    private bool SkipBlank()
    {
        if (Current is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
        {
            _position++;
            return true;
        }

        if (Current != '#')
        {
            return false;
        }

        while (Current is not (-1 or '\n'))
        {
            _position++;
        }

        return true;
    }

    private Expression? Atom()
    {
        var c = Next();
        switch (c)
        {
            case '(':
                return Group();
            case '[':
                return new Expression.Characters(Bracket());
            case '.':
                return new Expression.Characters(Dot);
            case '^':
                return new Expression.Assertion(AssertionKind.LineStart);
            case '$':
                return new Expression.Assertion(AssertionKind.LineEnd);
            case '\\':
                return Escape();
            case '*' or '+' or '?':
                _position--;
                throw Error("a quantifier with nothing to repeat");
            default:
                return Literal(c);
        }
    }

    private CodePointSet Dot => _options.HasFlag(Options.DotMatchesNewline) ? CodePointSet.All : CharacterClasses.Newline.Complement();

    private Expression.Characters Literal(int code) =>
        new(_options.HasFlag(Options.IgnoreCase) ? CodePointSet.Of([.. UnicodeTables.CaseVariants(code)]) : CodePointSet.Of(code));

    private Expression Quantified(Expression atom)
    {
        while (true)
        {
            var start = _position;
            if (_options.HasFlag(Options.Extended) && SkipBlank())
            {
                continue;
            }

            if (Quantifier() is not var (least, most, interval))
            {
                return atom;
            }

            if (atom is Expression.Assertion)
            {
                _position = start;
                throw Error("a quantifier on an anchor");
            }

            // {3,1} is {1,3} without a way back; {2}? is {2} or nothing; {1,2}+ repeats the whole, it is not possessive.
            var possessive = least > most;
            (least, most) = possessive ? (most, least) : (least, most);
            var lazy = !possessive && (!interval || least != most) && Take('?');
            possessive |= !lazy && !interval && Take('+');
            atom = new Expression.Repetition(atom, least, most, lazy);
            atom = possessive ? new Expression.Atomic(atom) : atom;
        }
    }

    private (int Least, int Most, bool Interval)? Quantifier()
    {
        switch (Current)
        {
            case '*':
                _position++;
                return (0, Expression.Repetition.Unlimited, false);
            case '+':
                _position++;
                return (1, Expression.Repetition.Unlimited, false);
            case '?':
                _position++;
                return (0, 1, false);
            case '{':
                return Interval();
            default:
                return null;
        }
    }

    // A brace that opens no interval is a brace.
    private (int Least, int Most, bool Interval)? Interval()
    {
        var start = _position++;
        var least = Number();
        var most = least;
        if (Take(','))
        {
            most = Number() ?? (least is null ? null : Expression.Repetition.Unlimited);
            least ??= most is null ? null : 0;
        }

        if (least is not { } low || most is not { } high || !Take('}'))
        {
            _position = start;
            return null;
        }

        return low <= MostRepetitions && (high <= MostRepetitions || high == Expression.Repetition.Unlimited)
            ? (low, high, true)
            : throw Error($"more than {MostRepetitions} repetitions");
    }

    private int? Number()
    {
        var start = _position;
        var value = 0;
        while (Current is >= '0' and <= '9')
        {
            value = Math.Min((value * 10) + (Next() - '0'), MostRepetitions + 1);
        }

        return _position > start ? value : null;
    }

    private Expression? Group()
    {
        if (!Take('?'))
        {
            return Current == '*' ? throw Error("a callout (*...)") : Closed(Alternatives());
        }

        switch (Next())
        {
            case ':':
                return Closed(Alternatives());
            case '=':
                return Closed(new Expression.Look(Alternatives(), Behind: false, Negative: false));
            case '!':
                return Closed(new Expression.Look(Alternatives(), Behind: false, Negative: true));
            case '>':
                return Closed(new Expression.Atomic(Alternatives()));
            case '#':
                while (Next() is not ')')
                {
                    if (_position == _pattern.Length)
                    {
                        throw Error("a comment without end");
                    }
                }

                return null;
            case '<' when Current is '=' or '!':
                return Closed(new Expression.Look(NegativeNext(out var negative), Behind: true, negative));
            case '<':
                SkipName('>');
                return Closed(Alternatives());
            case '\'':
                SkipName('\'');
                return Closed(Alternatives());
            case '~':
                throw Error("an absent group (?~...)");
            case '(':
                throw Error("a condition (?(...)...)");
            default:
                _position--;
                return OptionGroup();
        }
    }

    private Expression NegativeNext(out bool negative)
    {
        negative = Next() == '!';
        return Alternatives();
    }

    private void SkipName(int end)
    {
        while (Current != end)
        {
            if (Current is -1 or ')')
            {
                throw Error("a group name without end");
            }

            _position++;
        }

        _position++;
    }

    // (?i:...) holds inside the group, (?i) up to the end of the group that it stands in.
    private Expression OptionGroup()
    {
        var before = _options;
        var on = true;
        while (true)
        {
            var c = Next();
            switch (c)
            {
                case '-':
                    on = false;
                    break;
                case 'i' or 'm' or 'x':
                    var option = c == 'i' ? Options.IgnoreCase : c == 'm' ? Options.DotMatchesNewline : Options.Extended;
                    _options = on ? _options | option : _options & ~option;
                    break;
                case ':':
                    var inside = Closed(Alternatives());
                    _options = before;
                    return inside;
                case ')':
                    var rest = Alternatives();
                    _options = before;
                    return rest;
                default:
                    throw Error(c < 0 ? "a group without end" : $"the group (?{char.ConvertFromUtf32(c)}");
            }
        }
    }

    private Expression Closed(Expression body) => Take(')') ? body : throw Error("a group without end");

    private int Next() => _position < _pattern.Length ? _pattern[_position++] : -1;

    private int Peek(int ahead) => _position + ahead < _pattern.Length ? _pattern[_position + ahead] : -1;

    private bool Take(int c)
    {
        if (Current != c)
        {
            return false;
        }

        _position++;
        return true;
    }

    private ExpressionException Error(string what) => new($"{what} (at character {_position})");
}
