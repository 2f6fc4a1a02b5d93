namespace DatasetBuild.Tokenization;

/// <summary>What one instruction of a compiled expression does.</summary>
internal enum Operation
{
    /// <summary>One character of the set, then the next instruction.</summary>
    Character,

    /// <summary>As many characters of the set as there are, and fewer if that leads nowhere.</summary>
    Star,

    /// <summary>First the instruction <c>A</c>, then <c>B</c>.</summary>
    Split,

    Jump,

    /// <summary>Keeps the place in the register <c>A</c>.</summary>
    Mark,

    /// <summary>To <c>B</c> if nothing was matched since the register <c>A</c> was set, which ends a loop over nothing; else to the next one.</summary>
    Progress,

    /// <summary>The instructions from the next one on, without a way back, then <c>A</c>.</summary>
    Atomic,

    /// <summary>Asks whether the instructions from the next one on match here, then goes to <c>A</c>.</summary>
    LookAhead,
    NotAhead,

    /// <summary>Asks whether they match what ends here and is <c>Least</c> to <c>Most</c> characters long.</summary>
    LookBehind,
    NotBehind,

    /// <summary>Ends a look-behind: only where it began.</summary>
    Return,

    Assert,
    Accept,
}

internal readonly record struct Instruction(Operation Operation, int A = 0, int B = 0, CodePointSet? Set = null, int Least = 0, int Most = 0);

/// <summary>A compiled expression. Immutable; a <see cref="ExpressionMatcher"/> runs it over one text.</summary>
/// <param name="Code">Instructions, from the first one on.</param>
/// <param name="Registers">How many places loops keep.</param>
/// <param name="First">The characters that a match can start with, or null if it can be empty.</param>
internal sealed record ExpressionProgram(Instruction[] Code, int Registers, CodePointSet? First);
