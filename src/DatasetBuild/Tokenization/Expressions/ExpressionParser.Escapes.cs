using System.Text;

namespace DatasetBuild.Tokenization;

/// <content>What follows a backslash: characters by name or number, classes, properties, anchors.</content>
internal sealed partial class ExpressionParser
{
    private Expression Escape()
    {
        var c = Next();
        switch (c)
        {
            case 'w':
                return new Expression.Characters(CharacterClasses.BareWord);
            case 'W':
                return new Expression.Characters(CharacterClasses.BareWord.Complement());
            case 'b':
                return new Expression.Assertion(AssertionKind.WordBoundary);
            case 'B':
                return new Expression.Assertion(AssertionKind.NoWordBoundary);
            case 'A':
                return new Expression.Assertion(AssertionKind.TextStart);
            case 'z':
                return new Expression.Assertion(AssertionKind.TextEnd);
            case 'Z':
                return new Expression.Assertion(AssertionKind.TextEndOrFinalLine);
            case 'N':
                return new Expression.Characters(CharacterClasses.Newline.Complement());
            case 'O':
                return new Expression.Characters(CodePointSet.All);
            case 'R':
                return new Expression.Atomic(new Expression.Alternation(
                [
                    new Expression.Concatenation([new Expression.Characters(CodePointSet.Of('\r')), new Expression.Characters(CodePointSet.Of('\n'))]),
                    new Expression.Characters(CodePointSet.Range('\n', '\r').Union(CodePointSet.Of(0x85, 0x2028, 0x2029))),
                ]));
            case 'X' or 'y' or 'Y' or 'K' or 'G' or 'k' or 'g' or 'C' or 'M' or (>= '1' and <= '9'):
                throw Error($"\\{(char)c}");
            default:
                return ClassEscape(c) is { } set ? new Expression.Characters(set) : Literal(CharacterEscape(c));
        }
    }

    /// <summary>The escapes for classes that are the same inside and outside of brackets, or null.</summary>
    private CodePointSet? ClassEscape(int c) => c switch
    {
        's' => CharacterClasses.Space,
        'S' => CharacterClasses.Space.Complement(),
        'd' => CharacterClasses.Digit,
        'D' => CharacterClasses.Digit.Complement(),
        'h' => CharacterClasses.Hexadecimal,
        'H' => CharacterClasses.Hexadecimal.Complement(),
        'p' or 'P' when Current == '{' => Property(c == 'P'),
        _ => null,
    };

    private CodePointSet Property(bool negative)
    {
        _position++;
        negative ^= Take('^');
        var name = new StringBuilder();
        while (Current != '}')
        {
            name.Append(Current >= 0 ? char.ConvertFromUtf32(Next()) : throw Error("a property without end"));
        }

        _position++;
        var set = CharacterClasses.Named(name.ToString()) ?? throw Error($"the property \\p{{{name}}}");
        return negative ? set.Complement() : set;
    }

    private int CharacterEscape(int c)
    {
        switch (c)
        {
            case -1:
                throw Error("a backslash at the end");
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return 7;
            case 'e':
                return 0x1B;
            case '0':
                return Digits(8, 2, 0);
            case 'u':
                var start = _position;
                var unit = Digits(16, 4, 0);
                return _position == start + 4 ? Scalar(unit) : throw Error("\\u without four digits");
            case 'x' when Take('{'):
                var code = Digits(16, 8, 0);
                return Take('}') ? Scalar(code) : throw Error("\\x{...} with anything but one number");
            case 'x':
                var value = Digits(16, 2, 0);
                return value < 0x80 ? value : throw Error("\\x with a single byte of a character");
            case 'o' when Take('{'):
                var octal = Digits(8, 11, 0);
                return Take('}') ? Scalar(octal) : throw Error("\\o{...} with anything but one number");
            case 'c':
                return Next() is > 0 and < 0x80 and var control ? control & 0x1F : throw Error("\\c without a letter");
            default:
                return c;
        }
    }

    private int Scalar(int code) => Rune.IsValid(code) ? code : throw Error("a number that is no character");

    private int Digits(int radix, int most, int value)
    {
        for (var i = 0; i < most && Current is >= 0 and < 0x80 && char.IsAsciiHexDigit((char)Current) && Convert.ToInt32(((char)Current).ToString(), 16) < radix; i++)
        {
            value = Math.Min((value * radix) + Convert.ToInt32(((char)Next()).ToString(), 16), CodePointSet.CodePoints);
        }

        return value;
    }
}
