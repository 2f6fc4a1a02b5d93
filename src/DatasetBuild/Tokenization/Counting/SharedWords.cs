namespace DatasetBuild.Tokenization;

/// <summary>
/// The counts of the words of up to 15 bytes that the threads of a tokenizer met, in the form of <see cref="WordTable"/>, so that what one has counted no
/// other counts again. A place is written once and never changed: its low half is claimed first, its high half says that it is whole. So no
/// reader sees half a word, without a lock. Where all places of a word are taken, it is not shared.
/// </summary>
internal sealed class SharedWords
{
    private const int PlaceBits = 17;
    private const int PlaceWords = 2;

    /// <summary>Places in which a word may stand: one line of a cache.</summary>
    private const int Probes = 4;

    private readonly ulong[] _places = new ulong[PlaceWords << PlaceBits];

    /// <summary>The count of a word, or 0 where nobody has told it.</summary>
    public int Find(ulong low, ulong high)
    {
        var place = FirstPlace(low, high);
        for (var probe = 0; probe < Probes; probe++, place += PlaceWords)
        {
            var found = Volatile.Read(ref _places[place + 1]);
            if (found == 0)
            {
                return 0;
            }

            if (_places[place] == low && (found & WordTable.WordMask) == high)
            {
                return (int)(found >> WordTable.CountShift);
            }
        }

        return 0;
    }

    /// <summary>Tells the count of a word, 1 to 255.</summary>
    public void Tell(ulong low, ulong high, int count)
    {
        var place = FirstPlace(low, high);
        for (var probe = 0; probe < Probes; probe++, place += PlaceWords)
        {
            if (_places[place] == 0 && Interlocked.CompareExchange(ref _places[place], low, 0) == 0)
            {
                Volatile.Write(ref _places[place + 1], high | ((ulong)count << WordTable.CountShift));
                return;
            }
        }
    }

    private static int FirstPlace(ulong low, ulong high) => (int)(WordTable.Hash(low, high) >> (64 - PlaceBits)) / Probes * Probes * PlaceWords;
}
