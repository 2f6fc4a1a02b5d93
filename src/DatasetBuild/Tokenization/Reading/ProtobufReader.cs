using System.Buffers.Binary;

namespace DatasetBuild.Tokenization;

/// <summary>Steps through the fields of a message in the wire format of protocol buffers.</summary>
internal ref struct ProtobufReader(TokenizerFile file, TextRange message)
{
    private int _position = message.Start;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a number, or the bits of a float.</summary>
    public ulong Value { get; private set; }

    /// <summary>Where the content of a text, of bytes or of a message stands in the file.</summary>
    public TextRange Content { get; private set; }

    public readonly float Float => BitConverter.UInt32BitsToSingle((uint)Value);

    public readonly bool Flag => Value != 0;

    public readonly ReadOnlySpan<byte> Bytes => file.Bytes.AsSpan(Content.Start..Content.End);

    /// <summary>Reads the next field; false at the end of the message.</summary>
    public bool Read()
    {
        if (_position >= message.End)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        (Content, Value) = (default, 0);
        switch (tag & 7)
        {
            case 0:
                Value = Varint();
                break;
            case 1:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                var length = Varint();
                var start = _position;
                Take(length <= int.MaxValue ? (int)length : throw Damaged());
                Content = new TextRange(start, _position);
                break;
            case 5:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Damaged();
        }

        return true;
    }

    public readonly DatasetException Damaged() =>
        file.Error(TokenizerErrors.InvalidSentencePiece, $"The SentencePiece model is damaged at byte {Math.Min(_position, message.End)}. Is the file complete?");

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Take(1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > message.End - _position)
        {
            throw Damaged();
        }

        _position += bytes;
        return file.Bytes.AsSpan(_position - bytes, bytes);
    }
}
