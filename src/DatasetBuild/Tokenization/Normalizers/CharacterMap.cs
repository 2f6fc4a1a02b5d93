using System.Buffers.Binary;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The map of characters that SentencePiece models carry: the size of a double array in bytes, the array of 32-bit units, and the replacements, each
/// ended by a zero byte. A key leads through the array byte by byte to the place of its replacement. All numbers are those of a file, so every place is checked.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    // The ASCII characters that are no key, and start none that goes on in ASCII. A space or nothing follows a text.
    private readonly bool[] _standsAlone = new bool[0x80];

    private CharacterMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
        for (byte first = 1; first < _standsAlone.Length; first++)
        {
            _standsAlone[first] = true;
            for (byte second = 1; second < 0x80; second++)
            {
                _standsAlone[first] &= !MayStartKey([first, second]);
            }
        }
    }

    /// <summary>The map, or null if the bytes are none.</summary>
    public static CharacterMap? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        bytes = bytes[4..];
        if (size > bytes.Length || size < 4)
        {
            return null;
        }

        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        }

        var replacements = bytes[(4 * units.Length)..].ToArray();
        return System.Text.Unicode.Utf8.IsValid(replacements) ? new CharacterMap(units, replacements) : null;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static CharacterMap Read(ImageReader image)
    {
        var (units, replacements) = (image.ReadUnsignedInts(), image.ReadBytes());
        ImageReader.Expect(units.Length > 0 && System.Text.Unicode.Utf8.IsValid(replacements));
        return new CharacterMap(units, replacements);
    }

    public void Write(ImageWriter image)
    {
        image.Write<uint>(_units);
        image.Write<byte>(_replacements);
    }

    /// <summary>Whether a text holds no key and no start of one that what follows the text could complete.</summary>
    public bool KeepsOut(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length; i += Utf8Scalars.Length(utf8[i]))
        {
            var next = i + 1 < utf8.Length ? utf8[i + 1] : (byte)' ';
            if (!(utf8[i] < 0x80 && next < 0x80 && _standsAlone[utf8[i]]) && MayStartKey(utf8[i..]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a key may start with this byte.</summary>
    public bool HasKeyWith(byte first) => TryStep(Root, first, out _, out _);

    /// <summary>Whether a key starts with this byte and goes on.</summary>
    public bool HasLongerKeyWith(byte first) =>
        TryStep(Root, first, out var children, out _) && Enumerable.Range(1, byte.MaxValue).Any(second => TryStep(children, (byte)second, out _, out _));

    /// <summary>The replacement of the shortest key that the text starts with; false if there is none.</summary>
    public bool FindShortest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement) => Find(text, shortest: true, out replacement) > 0;

    /// <summary>The length of the longest key that the text starts with, or 0; and its replacement.</summary>
    public int FindLongest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement) => Find(text, shortest: false, out replacement);

    /// <summary>Whether a text starts with a key, or may do so with what follows it.</summary>
    private bool MayStartKey(ReadOnlySpan<byte> text)
    {
        var children = Root;
        foreach (var next in text)
        {
            if (next == 0 || !TryStep(children, next, out children, out var isKey))
            {
                return false;
            }

            if (isKey)
            {
                return true;
            }
        }

        return true;
    }

    private int Find(ReadOnlySpan<byte> text, bool shortest, out ReadOnlySpan<byte> replacement)
    {
        replacement = [];
        var found = 0;
        var children = Root;
        for (var i = 0; i < text.Length && text[i] != 0 && TryStep(children, text[i], out children, out var isKey); i++)
        {
            if (isKey && children < _units.Length)
            {
                found = i + 1;
                replacement = Replacement((int)(_units[children] & 0x7FFFFFFF));
                if (shortest)
                {
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>Goes on by one byte.</summary>
    /// <param name="from">Where the children of the node stand, each at this exclusive-or its byte.</param>
    /// <param name="next">The byte.</param>
    /// <param name="children">As <paramref name="from"/>, of the node that the byte leads to; a key's replacement stands where the child of a zero byte would.</param>
    /// <param name="isKey">Whether a key ends there.</param>
    private bool TryStep(uint from, byte next, out uint children, out bool isKey)
    {
        var node = from ^ next;
        if (node >= _units.Length || (_units[node] & 0x800000FF) != next)
        {
            (children, isKey) = (0, false);
            return false;
        }

        var unit = _units[node];
        (children, isKey) = (node ^ Offset(unit), (unit >> 8 & 1) != 0);
        return true;
    }

    private uint Root => Offset(_units[0]);

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private ReadOnlySpan<byte> Replacement(int start)
    {
        // A place inside a character would not be text.
        if (start >= _replacements.Length || (_replacements[start] & 0xC0) == 0x80)
        {
            return [];
        }

        var rest = _replacements.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }
}
