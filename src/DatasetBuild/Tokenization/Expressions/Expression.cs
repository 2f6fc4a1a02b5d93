namespace DatasetBuild.Tokenization;

/// <summary>A regular expression as it was parsed.</summary>
internal abstract record Expression
{
    public static readonly Expression Nothing = new Concatenation([]);

    /// <summary>One character of a set.</summary>
    public sealed record Characters(CodePointSet Set) : Expression;

    public sealed record Concatenation(IReadOnlyList<Expression> Parts) : Expression;

    /// <summary>The first that leads to a match, from left to right.</summary>
    public sealed record Alternation(IReadOnlyList<Expression> Choices) : Expression;

    /// <summary>Between <paramref name="Least"/> and <paramref name="Most"/> times (<see cref="Unlimited"/>).</summary>
    public sealed record Repetition(Expression Body, int Least, int Most, bool Lazy) : Expression
    {
        public const int Unlimited = int.MaxValue;
    }

    /// <summary>No way back into it once it has matched.</summary>
    public sealed record Atomic(Expression Body) : Expression;

    public sealed record Look(Expression Body, bool Behind, bool Negative) : Expression;

    public sealed record Assertion(AssertionKind Kind) : Expression;
}

/// <summary>What an anchor asks of a place in the text.</summary>
internal enum AssertionKind
{
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    TextEndOrFinalLine,
    WordBoundary,
    NoWordBoundary,
}
