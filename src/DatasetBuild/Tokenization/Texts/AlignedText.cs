namespace DatasetBuild.Tokenization;

/// <summary>
/// A text on its way through normalizers and pre-tokenizers: its UTF-8, and for each byte the character of the original that it came from.
/// Immutable once built.
/// </summary>
internal sealed class AlignedText
{
    private readonly byte[] _bytes;
    private readonly int[] _origins;

    private AlignedText(byte[] bytes, int[] origins, int length, int originalStart, int originalLength, bool drifts)
    {
        Drifts = drifts;
        _bytes = bytes;
        _origins = origins;
        Length = length;
        OriginalStart = originalStart;
        OriginalLength = originalLength;
    }

    /// <summary>Bytes of the text as it is now.</summary>
    public int Length { get; }

    /// <summary>The byte of the original where the part began that this text was made from.</summary>
    public int OriginalStart { get; }

    /// <summary>Bytes of that part.</summary>
    public int OriginalLength { get; }

    /// <summary>
    /// Whether changes were told, in the reference library's way, so that they are about more or less than the text: then the places of what would follow it are
    /// not those that it would have alone.
    /// </summary>
    public bool Drifts { get; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>For each byte the byte of the original where its character starts; for one that came from no character, the complement of its place.</summary>
    public ReadOnlySpan<int> Origins => _origins.AsSpan(0, Length);

    /// <summary>A part of the original as it is.</summary>
    public static AlignedText Of(ReadOnlySpan<byte> original, TextRange range)
    {
        var bytes = original[range.Start..range.End].ToArray();
        var origins = new int[bytes.Length];
        for (var (i, start) = (0, range.Start); i < bytes.Length; i++)
        {
            start = (bytes[i] & 0xC0) != 0x80 ? range.Start + i : start;
            origins[i] = start;
        }

        return new AlignedText(bytes, origins, bytes.Length, range.Start, range.Length, drifts: false);
    }

    /// <summary>A part of some original as it is, which does not stand at its start.</summary>
    public static AlignedText InsideOf(ReadOnlySpan<byte> part)
    {
        byte[] original = [(byte)'a', .. part];
        return Of(original, new TextRange(1, original.Length));
    }

    /// <summary>Where in the original the character starts that a byte of this text came from.</summary>
    public int OriginalStartOf(int index) => _origins[index] is >= 0 and var start ? start : ~_origins[index];

    /// <summary>The range of the original that a range of this text came from, in whole characters; the range must not be empty.</summary>
    public TextRange OriginalRange(ReadOnlySpan<byte> original, TextRange range)
    {
        var last = _origins[range.End - 1];
        return new TextRange(OriginalStartOf(range.Start), last < 0 ? ~last : last + Utf8Scalars.Length(original[last]));
    }

    /// <summary>Builds the text that follows from another one.</summary>
    public sealed class Builder(AlignedText source)
    {
        private byte[] _bytes = new byte[source.Length + 16];
        private int[] _origins = new int[source.Length + 16];
        private int _sourcePosition;
        private bool _tellsChanges;
        private int _missing;

        public int Length { get; private set; }

        public AlignedText Build() => new(
            _bytes, _origins, Length, source.OriginalStart, source.OriginalLength, source.Drifts || (_tellsChanges && (_missing > 0 || _sourcePosition < source.Length)));

        /// <summary>Adds a character that came from the character with this origin.</summary>
        public void Append(int scalar, int origin)
        {
            Reserve(4);
            var length = Utf8Scalars.Encode(scalar, _bytes.AsSpan(Length));
            _origins.AsSpan(Length, length).Fill(origin);
            Length += length;
        }

        /// <summary>Adds characters that all came from the character with this origin.</summary>
        public void Append(ReadOnlySpan<byte> utf8, int origin)
        {
            Reserve(utf8.Length);
            utf8.CopyTo(_bytes.AsSpan(Length));
            _origins.AsSpan(Length, utf8.Length).Fill(origin);
            Length += utf8.Length;
        }

        /// <summary>Adds a range of the source as it is.</summary>
        public void Copy(TextRange range)
        {
            Reserve(range.Length);
            source.Bytes[range.Start..range.End].CopyTo(_bytes.AsSpan(Length));
            source.Origins[range.Start..range.End].CopyTo(_origins.AsSpan(Length));
            Length += range.Length;
        }

        /// <summary>
        /// Adds a character in the reference library's way of telling changes: 0 replaces the next character of the source, 1 is new and shares the
        /// place of the one before, -n replaces the next character and removes n after it.
        /// </summary>
        public void AppendChange(int scalar, int change)
        {
            Append(scalar, change > 0 ? OriginBefore(_sourcePosition) : source.Origins[Math.Min(_sourcePosition, source.Length - 1)]);
            var characters = change > 0 ? 0 : 1 - change;
            for (; characters > 0 && _sourcePosition < source.Length; characters--)
            {
                _sourcePosition += Utf8Scalars.Length(source.Bytes[_sourcePosition]);
            }

            _tellsChanges = true;
            _missing += characters;
        }

        /// <summary>The origin of what is put before a place of the source: that of the byte before it, or nothing's at the very start.</summary>
        public int OriginBefore(int position) => position > 0 ? source.Origins[position - 1] : ~source.OriginalStart;

        private void Reserve(int bytes)
        {
            if (Length + bytes <= _bytes.Length)
            {
                return;
            }

            WorkLimit.Check((long)Length + bytes, source.OriginalLength);
            var size = Math.Max(_bytes.Length * 2, Length + bytes);
            Array.Resize(ref _bytes, size);
            Array.Resize(ref _origins, size);
        }
    }
}
