using System.Text;

namespace DatasetBuild.Tokenization;

/// <content>Sets in brackets, nested and intersected, with the names of POSIX in them.</content>
internal sealed partial class ExpressionParser
{
    /// <summary>A set in brackets, of which the first has been read; <c>&amp;&amp;</c> binds less than what stands side by side.</summary>
    private CodePointSet Bracket()
    {
        if (++_depth > DeepestGroup)
        {
            throw Error($"sets nested deeper than {DeepestGroup}");
        }

        var negative = Take('^');
        CodePointSet? left = null;
        var set = CodePointSet.Empty;
        var first = true;
        while (first || Current != ']')
        {
            if (Current < 0)
            {
                throw Error("a set without end");
            }

            if (!first && Current == '&' && Peek(1) == '&')
            {
                _position += 2;
                left = left?.Intersect(set) ?? set;
                set = CodePointSet.Empty;
                continue;
            }

            if (first && Current == ']' && !_pattern.AsSpan(_position + 1).Contains(']'))
            {
                throw Error("an empty set");
            }

            set = set.Union(BracketItem());
            first = false;
        }

        _position++;
        _depth--;
        set = left?.Intersect(set) ?? set;
        set = _options.HasFlag(Options.IgnoreCase) ? WithCaseVariants(set) : set;
        return negative ? set.Complement() : set;
    }

    private CodePointSet BracketItem()
    {
        var c = Next();
        if (c == '[')
        {
            return Current == ':' && PosixBracket() is { } named ? named : Bracket();
        }

        if (c == '\\')
        {
            c = Next();
            var set = c switch
            {
                'w' => CharacterClasses.Word,
                'W' => CharacterClasses.Word.Complement(),
                _ => ClassEscape(c),
            };
            if (set is not null)
            {
                return set;
            }

            c = BracketCharacter(c);
        }

        // A hyphen before the end, before a class or before && is a hyphen.
        if (Current != '-' || Peek(1) is -1 or ']' or '[' || (Peek(1) == '\\' && IsClassLetter(Peek(2))) || (Peek(1) == '&' && Peek(2) == '&'))
        {
            return CodePointSet.Of(c);
        }

        _position++;
        var last = Next();
        last = last == '\\' ? BracketCharacter(Next()) : last;
        return last >= c ? CodePointSet.Range(c, last) : throw Error("a range whose end comes before its start");
    }

    private int BracketCharacter(int c) => c switch
    {
        'b' => '\b',
        >= '1' and <= '7' => Digits(8, 2, c - '0'),
        'R' or 'X' or 'C' or 'M' => throw Error($"\\{(char)c} in a set"),
        _ => CharacterEscape(c),
    };

    private static bool IsClassLetter(int c) => c is 'w' or 'W' or 's' or 'S' or 'd' or 'D' or 'h' or 'H' or 'p' or 'P';

    // Anything else that starts with [: is a set which holds a colon.
    private CodePointSet? PosixBracket()
    {
        var start = _position++;
        var negative = Take('^');
        var name = new StringBuilder();
        while (Current is >= 'a' and <= 'z')
        {
            name.Append((char)Next());
        }

        if (Take(':') && Take(']') && CharacterClasses.Posix(name.ToString()) is { } set)
        {
            return negative ? set.Complement() : set;
        }

        _position = start;
        return null;
    }

    private static CodePointSet WithCaseVariants(CodePointSet set)
    {
        var variants = new List<int>();
        foreach (var group in UnicodeTables.CaseGroups)
        {
            if (group.Any(set.Contains))
            {
                variants.AddRange(group);
            }
        }

        return set.Union(CodePointSet.Of([.. variants]));
    }
}
