using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The pieces that texts are cut into, each kept once, in the order in which they first occurred, with how often they occur. This is all that
/// training remembers of the texts, so its memory grows with the distinct pieces only.
/// </summary>
internal sealed class DistinctPieces
{
    /// <summary>Positions are numbered by <see cref="int"/>, with room for the tables that follow from them.</summary>
    private const int MostBytes = 1 << 29;

    private readonly List<int> _ends = [];
    private readonly List<long> _counts = [];
    private byte[] _bytes = new byte[1 << 16];
    private int[] _slots = NewSlots(1 << 12);

    public int Count => _ends.Count;

    /// <summary>Bytes of all distinct pieces.</summary>
    public int TotalBytes => _ends.Count == 0 ? 0 : _ends[^1];

    public ReadOnlySpan<byte> this[int piece] => _bytes.AsSpan(Start(piece).._ends[piece]);

    /// <summary>How often a piece occurs.</summary>
    public long Occurrences(int piece) => _counts[piece];

    /// <summary>Counts one more occurrence of a piece, which is not empty.</summary>
    /// <exception cref="DatasetException">There are too many distinct ones (DSB3019).</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        var slot = FindSlot(piece);
        if (_slots[slot] >= 0)
        {
            CollectionsMarshal.AsSpan(_counts)[_slots[slot]]++;
            return;
        }

        if (piece.Length > MostBytes - TotalBytes)
        {
            throw new DatasetException(
                TokenizerErrors.TooMuchToTrain, $"The texts have more than {MostBytes >> 20} MiB of distinct pieces. Train on fewer of them, or with a pattern that cuts more often.");
        }

        var end = TotalBytes + piece.Length;
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end, (int)Math.Min(MostBytes, _bytes.Length * 2L)));
        }

        piece.CopyTo(_bytes.AsSpan(TotalBytes));
        _slots[slot] = Count;
        _ends.Add(end);
        _counts.Add(1);
        if (Count * 2L > _slots.Length)
        {
            Grow();
        }
    }

    private int Start(int piece) => piece == 0 ? 0 : _ends[piece - 1];

    private void Grow()
    {
        _slots = NewSlots(_slots.Length * 2);
        for (var piece = 0; piece < Count; piece++)
        {
            _slots[FindSlot(this[piece])] = piece;
        }
    }

    // The slot that holds the piece, or the empty one where the search ends.
    private int FindSlot(ReadOnlySpan<byte> bytes)
    {
        var slot = (int)(ByteHash.Of(bytes) >> 32) & (_slots.Length - 1);
        while (_slots[slot] is >= 0 and var piece && !this[piece].SequenceEqual(bytes))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private static int[] NewSlots(int size)
    {
        var slots = new int[size];
        slots.AsSpan().Fill(-1);
        return slots;
    }
}
