namespace DatasetBuild.Tokenization;

/// <summary>
/// The word tables of a tokenizer, one for each thread that counts at the same time. A thread finds the one that was used on its core before, which
/// is still in that core's cache; a table that no thread needs any more serves the next.
/// </summary>
internal sealed class WordTables<TTable>
    where TTable : class, new()
{
    /// <summary>So far apart, in places of the array, that no two cores write to one line of a cache, or to two that are fetched together.</summary>
    private const int Apart = 16;

    private static readonly int Slots = 2 * Environment.ProcessorCount;

    private readonly TTable?[] _idle = new TTable?[Slots * Apart];

    /// <summary>Drops all tables.</summary>
    public void Clear() => Array.Clear(_idle);

    /// <summary>Takes a table; it has to be given back.</summary>
    public TTable Take()
    {
        var own = Own;
        for (var i = 0; i < Slots; i++)
        {
            if (Interlocked.Exchange(ref _idle[(own + i) % Slots * Apart], null) is { } table)
            {
                return table;
            }
        }

        return new TTable();
    }

    /// <summary>Gives a table back. One too many is left to the garbage collector.</summary>
    public void Return(TTable table)
    {
        var own = Own;
        for (var i = 0; i < Slots; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[(own + i) % Slots * Apart], table, null) is null)
            {
                return;
            }
        }
    }

    // Two threads that run at the same time are on two cores.
    private static int Own => Thread.GetCurrentProcessorId() % Slots;
}
