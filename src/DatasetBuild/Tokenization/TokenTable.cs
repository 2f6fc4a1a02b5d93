namespace DatasetBuild.Tokenization;

/// <summary>
/// The tokens of a vocabulary: bytes by id, and id by bytes. Ids may leave gaps. A token that no byte-level text can contain (its written
/// form has characters outside the alphabet of bytes) is kept by id only.
/// </summary>
internal sealed class TokenTable
{
    /// <summary>Above any published id; keeps one wrong number in a file from allocating gigabytes.</summary>
    public const int IdLimit = 1 << 24;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _slots;
    private readonly int _mask;

    /// <summary>Builds the table from tokens with distinct ids below <see cref="IdLimit"/> and distinct bytes.</summary>
    public TokenTable(IReadOnlyCollection<(int Id, byte[] Bytes, bool Findable)> tokens)
    {
        Size = tokens.Count == 0 ? 0 : tokens.Max(token => token.Id) + 1;
        _bytes = new byte[tokens.Sum(token => (long)token.Bytes.Length)];
        _starts = new int[Size];
        _lengths = new int[Size];
        _lengths.AsSpan().Fill(-1);
        _slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, tokens.Count * 2))];
        _slots.AsSpan().Fill(-1);
        _mask = _slots.Length - 1;
        var end = 0;
        foreach (var (id, bytes, findable) in tokens)
        {
            bytes.CopyTo(_bytes, end);
            _starts[id] = end;
            _lengths[id] = bytes.Length;
            end += bytes.Length;
            if (findable && bytes.Length > 0)
            {
                LongestToken = Math.Max(LongestToken, bytes.Length);
                _slots[FindSlot(bytes)] = id;
            }
        }
    }

    private TokenTable(byte[] bytes, int[] starts, int[] lengths, int[] slots, int longest)
    {
        (_bytes, _starts, _lengths, _slots) = (bytes, starts, lengths, slots);
        (Size, LongestToken, _mask) = (lengths.Length, longest, slots.Length - 1);
    }

    /// <summary>One more than the highest id.</summary>
    public int Size { get; }

    /// <summary>Bytes of the longest token that <see cref="Find"/> can return.</summary>
    public int LongestToken { get; }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static TokenTable Read(ImageReader image)
    {
        var longest = image.ReadNumber();
        var bytes = image.ReadBytes();
        var starts = image.ReadInts();
        var lengths = image.ReadInts();
        var slots = image.ReadSlots(lengths.Length);
        ImageReader.Expect(starts.Length == lengths.Length);
        for (var id = 0; id < lengths.Length; id++)
        {
            ImageReader.Expect(lengths[id] < 0 || (uint)starts[id] + (uint)lengths[id] <= (uint)bytes.Length);
        }

        return new TokenTable(bytes, starts, lengths, slots, longest);
    }

    public void Write(ImageWriter image)
    {
        image.Write(LongestToken);
        image.Write<byte>(_bytes);
        image.Write<int>(_starts);
        image.Write<int>(_lengths);
        image.Write<int>(_slots);
    }

    public bool Contains(int id) => (uint)id < (uint)Size && _lengths[id] >= 0;

    /// <summary>The bytes of a token; the id must be in the vocabulary.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => Contains(id)
        ? _bytes.AsSpan(_starts[id], _lengths[id])
        : throw new ArgumentOutOfRangeException(nameof(id), id, "No token of the vocabulary has this id.");

    public int Length(int id) => _lengths[id];

    /// <summary>The id of the token with exactly these bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes) => bytes.Length > LongestToken || bytes.IsEmpty ? -1 : _slots[FindSlot(bytes)];

    // The slot that holds the token, or the empty one where the search ends.
    private int FindSlot(ReadOnlySpan<byte> bytes)
    {
        var slot = (int)(ByteHash.Of(bytes) >> 32) & _mask;
        while (_slots[slot] is >= 0 and var id && !Bytes(id).SequenceEqual(bytes))
        {
            slot = (slot + 1) & _mask;
        }

        return slot;
    }
}
