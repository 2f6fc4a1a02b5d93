namespace DatasetBuild.Tokenization;

/// <summary>
/// The word tables of a tokenizer, one for each thread that counts at the same time. A thread finds the one that it had before, which is
/// still in its core's cache; a table that no thread needs any more serves the next.
/// </summary>
internal sealed class WordTables
{
    private readonly WordTable?[] _idle = new WordTable?[2 * Environment.ProcessorCount];

    /// <summary>Drops all tables.</summary>
    public void Clear() => Array.Clear(_idle);

    /// <summary>Takes a table; it has to be given back.</summary>
    public WordTable Take()
    {
        var own = Own;
        for (var i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.Exchange(ref _idle[(own + i) % _idle.Length], null) is { } table)
            {
                return table;
            }
        }

        return new WordTable();
    }

    /// <summary>Gives a table back. One too many is left to the garbage collector.</summary>
    public void Return(WordTable table)
    {
        var own = Own;
        for (var i = 0; i < _idle.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[(own + i) % _idle.Length], table, null) is null)
            {
                return;
            }
        }
    }

    private int Own => Environment.CurrentManagedThreadId % _idle.Length;
}
