using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The tokens of a model as they are written: id by text and text by id. Of tokens with the same id the last is the id's text.</summary>
internal sealed class Vocabulary : ITokenTexts
{
    private const int ImageMark = 0x04020304;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int[] _ids;
    private readonly int[] _slots;
    private readonly int[] _entryOf;
    private readonly int _longest;

    /// <param name="tokens">Ids from 0 below <see cref="TokenTable.IdLimit"/>. Of equal texts the last counts.</param>
    public Vocabulary(IReadOnlyList<(string Text, int Id)> tokens)
    {
        Count = tokens.Count;
        _starts = new int[tokens.Count + 1];
        _ids = new int[tokens.Count];
        _bytes = new byte[tokens.Sum(token => (long)Encoding.UTF8.GetByteCount(token.Text))];
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, tokens.Count * 2))];
        _slots.AsSpan().Fill(-1);
        _entryOf = new int[tokens.Count == 0 ? 0 : tokens.Max(token => token.Id) + 1];
        _entryOf.AsSpan().Fill(-1);
        for (var entry = 0; entry < tokens.Count; entry++)
        {
            var (text, id) = tokens[entry];
            _starts[entry + 1] = _starts[entry] + Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_starts[entry]));
            _ids[entry] = id;
            _entryOf[id] = entry;
            _longest = Math.Max(_longest, _starts[entry + 1] - _starts[entry]);
            _slots[FindSlot(Entry(entry))] = entry;
        }
    }

    private Vocabulary(byte[] bytes, int[] starts, int[] ids, int[] slots, int[] entryOf, int longest)
    {
        (_bytes, _starts, _ids, _slots, _entryOf, _longest) = (bytes, starts, ids, slots, entryOf, longest);
        Count = ids.Length;
    }

    /// <summary>Reads what <see cref="WriteAlone"/> wrote.</summary>
    public static Vocabulary ReadAlone(ImageReader image)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var vocabulary = Read(image);
        ImageReader.Expect(image.AtEnd);
        return vocabulary;
    }

    /// <summary>Writes an image that is nothing but a vocabulary.</summary>
    public void WriteAlone(ImageWriter image)
    {
        image.Write(ImageMark);
        Write(image);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Vocabulary Read(ImageReader image)
    {
        var longest = image.ReadNumber();
        var (bytes, starts, ids) = (image.ReadBytes(), image.ReadInts(), image.ReadInts());
        var (slots, entryOf) = (image.ReadSlots(ids.Length), image.ReadInts());
        ImageReader.Expect(starts.Length == ids.Length + 1 && starts[0] == 0 && starts[^1] == bytes.Length);
        for (var entry = 0; entry < ids.Length; entry++)
        {
            ImageReader.Expect(starts[entry] <= starts[entry + 1] && (uint)ids[entry] < (uint)entryOf.Length);
        }

        foreach (var entry in entryOf)
        {
            ImageReader.Expect((uint)(entry + 1) <= (uint)ids.Length);
        }

        return new Vocabulary(bytes, starts, ids, slots, entryOf, longest);
    }

    public void Write(ImageWriter image)
    {
        image.Write(_longest);
        image.Write<byte>(_bytes);
        image.Write<int>(_starts);
        image.Write<int>(_ids);
        image.Write<int>(_slots);
        image.Write<int>(_entryOf);
    }

    /// <summary>How many tokens were given, which is what added tokens are numbered from.</summary>
    public int Count { get; }

    /// <summary>One more than the highest id.</summary>
    public int Size => _entryOf.Length;

    public bool Contains(int id) => (uint)id < (uint)_entryOf.Length && _entryOf[id] >= 0;

    /// <summary>The UTF-8 of a token; the id must be in the vocabulary.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => Contains(id)
        ? Entry(_entryOf[id])
        : throw new ArgumentOutOfRangeException(nameof(id), id, "No token of the vocabulary has this id.");

    public string? Text(int id) => Contains(id) ? Encoding.UTF8.GetString(Bytes(id)) : null;

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> utf8) => utf8.Length <= _longest && _slots[FindSlot(utf8)] is >= 0 and var entry ? _ids[entry] : -1;

    public int Find(string text) => Find(Encoding.UTF8.GetBytes(text));

    /// <summary>The tokens in the order in which they were given.</summary>
    public IEnumerable<(byte[] Utf8, int Id)> Tokens() => Enumerable.Range(0, Count).Select(entry => (Entry(entry).ToArray(), _ids[entry]));

    private ReadOnlySpan<byte> Entry(int entry) => _bytes.AsSpan(_starts[entry].._starts[entry + 1]);

    // The slot that holds the token, or the empty one where the search ends.
    private int FindSlot(ReadOnlySpan<byte> utf8)
    {
        var mask = _slots.Length - 1;
        var slot = (int)(ByteHash.Of(utf8) >> 32) & mask;
        while (_slots[slot] is >= 0 and var entry && !Entry(entry).SequenceEqual(utf8))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
