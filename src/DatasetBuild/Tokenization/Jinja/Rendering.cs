using System.Runtime.CompilerServices;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>What a template may cost at most, before it is taken for hostile or broken.</summary>
internal static class JinjaLimits
{
    /// <summary>Longer than any template by a factor of ten.</summary>
    public const int SourceLength = 1 << 20;

    /// <summary>Nesting of an expression, and of statements.</summary>
    public const int Nesting = 200;

    /// <summary>Calls within calls, values within values.</summary>
    public const int Depth = 250;

    /// <summary>Evaluations of an expression or items of a loop.</summary>
    public const long Steps = 5_000_000;

    /// <summary>Characters of all texts that are made on the way, and the items of all lists.</summary>
    public const long Made = 48 << 20;

    /// <summary>Texts of the conversation may be copied that often in addition.</summary>
    public const long Copies = 64;
}

/// <summary>One rendering at work: what it has written, and what it may still cost. Not thread-safe.</summary>
internal sealed class Rendering(long inputLength)
{
    private readonly Stack<StringBuilder> captures = [];
    private StringBuilder output = new();
    private long stepsLeft = JinjaLimits.Steps + inputLength;
    private long left = JinjaLimits.Made + (JinjaLimits.Copies * inputLength);
    private int depth;

    /// <summary>What <c>strftime_now</c> formats, or null where no day is declared.</summary>
    public DateTime? Date { get; init; }

    /// <summary>The blocks of the template by their names.</summary>
    public required IReadOnlyDictionary<string, BlockStatement> Blocks { get; init; }

    /// <summary>Half-open ranges of the output, in UTF-16, that generation blocks wrote.</summary>
    public List<(int Start, int End)> Generations { get; } = [];

    /// <summary>Whether a generation block wrote into a text that the template then did something else with, so that its place is not known.</summary>
    public bool HasUnplacedGeneration { get; private set; }

    public string Output => output.ToString();

    /// <summary>Counts one step.</summary>
    public void Step()
    {
        if (--stepsLeft < 0)
        {
            throw new JinjaError(JinjaFailure.Limit, $"more than {JinjaLimits.Steps} steps");
        }
    }

    /// <summary>Accounts for text or items before they are made.</summary>
    public void Make(long size)
    {
        left -= size;
        if (left < 0)
        {
            throw new JinjaError(JinjaFailure.Limit, $"more than {JinjaLimits.Made >> 20} million characters made on the way");
        }
    }

    /// <summary>Accounts for the items of a list, each of which takes as much memory as some characters.</summary>
    public void MakeItems(long count) => Make(8 * count);

    public string Made(string text)
    {
        Make(text.Length);
        return text;
    }

    public void Enter()
    {
        if (++depth > JinjaLimits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaError(JinjaFailure.Limit, $"calls or values nested more than {JinjaLimits.Depth} deep");
        }
    }

    public void Leave() => depth--;

    public void Write(string text)
    {
        Make(text.Length);
        output.Append(text);
    }

    /// <summary>What the statements write, as a text instead of output.</summary>
    public string Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        Enter();
        captures.Push(output);
        output = new StringBuilder();
        Statement.RunAll(body, this, scope);
        var text = output.ToString();
        output = captures.Pop();
        Leave();
        return text;
    }

    /// <summary>Runs the body of a generation block and notes what it wrote.</summary>
    public void Generate(IReadOnlyList<Statement> body, Scope scope)
    {
        var start = output.Length;
        Statement.RunAll(body, this, scope);
        if (captures.Count > 0)
        {
            HasUnplacedGeneration = true;
        }
        else
        {
            Generations.Add((start, output.Length));
        }
    }
}

/// <summary>Variables, and those around them.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, object?>? variables;

    public Scope Root => parent?.Root ?? this;

    public void Set(string name, object? value) => (variables ??= new(StringComparer.Ordinal))[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.variables is not null && scope.variables.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    private Scope? Parent => parent;
}
