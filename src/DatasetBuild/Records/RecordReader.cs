using System.Buffers;

namespace DatasetBuild.Records;

/// <summary>How the records of a shard lie in it.</summary>
public enum Container
{
    /// <summary>One JSON value a line.</summary>
    Lines,

    /// <summary>One JSON array of all.</summary>
    Array,
}

/// <summary>
/// Cuts a shard into the JSON values of its records: lines of JSONL, or the elements of one JSON array (told apart by the first byte, not by
/// the suffix). Streaming over one reused buffer; memory is the longest record, and a record above the limit is passed over without being held.
/// </summary>
public sealed class RecordReader : IDisposable
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[],"u8);
    private static readonly SearchValues<byte> InString = SearchValues.Create("\"\\"u8);

    /// <summary>How much is read at once: what is passed over needs no more room than this, however large the buffer has become.</summary>
    private const int Chunk = 1 << 20;

    /// <summary>A buffer that is too small grows by this factor. Of a new one only what is filled takes memory, of one given up all that was.</summary>
    private const int Growth = 8;

    private const string CutOff = "It may have been cut off: get it again, or close the array.";

    private readonly ShardStream stream;
    private readonly int maxRecordBytes;
    private byte[] buffer;
    private bool isRented = true;
    private int start; // of what is not yet consumed
    private int end;
    private long bufferOffset; // of buffer[0] in the (unpacked) shard
    private bool ended;
    private bool arrayClosed;
    private bool afterElement;

    public RecordReader(string path, int maxRecordBytes, bool digest = false)
    {
        this.maxRecordBytes = maxRecordBytes;
        stream = new ShardStream(path, digest);
        buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        bufferOffset = stream.ByteOrderMark;
        Container = SkipWhiteSpace() == '[' ? Container.Array : Container.Lines;
        if (Container == Container.Array)
        {
            Advance(1);
        }
    }

    public Container Container { get; }

    public bool IsGzip => stream.IsGzip;

    /// <summary>The bytes of the current value, without line end and surrounding white space.</summary>
    public ReadOnlySpan<byte> Json => buffer.AsSpan(ValueStart, Length);

    /// <summary>Where the current value starts in the (unpacked) shard, in bytes.</summary>
    public long Offset { get; private set; }

    public int Length { get; private set; }

    /// <summary>The line on which the current value starts, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The character of that line at which it starts, from 1.</summary>
    public int Column { get; private set; } = 1;

    /// <summary>Where reading goes on, in bytes of the (unpacked) shard. In a shard of lines that is, between two values, the start of a line.</summary>
    public long Position => bufferOffset + start;

    /// <summary>The line on which reading goes on, from 1.</summary>
    public int NextLine => nextLine;

    private int ValueStart => (int)(Offset - bufferOffset);

    private int nextLine = 1;
    private int nextColumn = 1;

    /// <summary>Moves to the next value; false at the end.</summary>
    /// <exception cref="InvalidRecordException">The value is too large, or the array is not well formed; at <see cref="Line"/> and <see cref="Column"/>.</exception>
    /// <exception cref="InvalidDataException">The gzip data are damaged.</exception>
    public bool Read() => Container == Container.Array ? ReadElement() : ReadLine();

    /// <summary>The next bytes, without moving: <paramref name="length"/> of them, or as many as there are. Invalidates <see cref="Json"/>.</summary>
    public ReadOnlySpan<byte> Peek(int length)
    {
        while (end - start < length && Fill())
        {
        }

        return buffer.AsSpan(start, Math.Min(length, end - start));
    }

    /// <summary>The bytes just read, from <paramref name="from"/> up to <see cref="Position"/>, if they were peeked at before and nothing behind them since.</summary>
    public ReadOnlySpan<byte> Since(long from) => from >= bufferOffset ? buffer.AsSpan((int)(from - bufferOffset), (int)(Position - from)) : [];

    /// <summary>Passes over whole lines that were peeked at.</summary>
    public void Skip(int length, int lines)
    {
        start += length;
        nextLine += lines;
        nextColumn = 1;
    }

    /// <summary>SHA-256 of the whole file; reads what is left of it.</summary>
    public byte[] FinishDigest() => stream.FinishDigest();

    /// <summary>How many bytes of the file were read so far.</summary>
    public long BytesRead => stream.BytesRead;

    public void Dispose()
    {
        stream.Dispose();
        Return();
        buffer = [];
    }

    private bool ReadLine()
    {
        while (true)
        {
            Line = nextLine;
            Column = nextColumn; // above 1 only where white space before the first record was passed over to find the container
            nextColumn = 1;
            var searched = 0;
            int length;
            while ((length = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n')) < 0)
            {
                searched = end - start;
                if (searched > maxRecordBytes)
                {
                    SkipLine();
                    throw TooLarge();
                }

                if (!Fill())
                {
                    break;
                }
            }

            var isLast = length < 0;
            length = isLast ? end - start : length + searched;
            var line = buffer.AsSpan(start, length);
            Offset = bufferOffset + start;
            start = Math.Min(end, start + length + 1);
            nextLine++;
            var leading = JsonText.LeadingSpace(line);
            var value = JsonText.Trim(line);
            if (!value.IsEmpty)
            {
                Offset += leading;
                Column += leading;
                Length = value.Length;
                return Length <= maxRecordBytes ? true : throw TooLarge();
            }

            if (isLast)
            {
                return false;
            }
        }
    }

    private void SkipLine()
    {
        while (true)
        {
            var newline = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                start += newline + 1;
                nextLine++;
                return;
            }

            start = end;
            if (!Fill())
            {
                return;
            }
        }
    }

    private bool ReadElement()
    {
        if (arrayClosed)
        {
            return false;
        }

        var c = SkipWhiteSpace();
        if (afterElement && c == ',')
        {
            Advance(1);
            c = SkipWhiteSpace();
            if (c == ']')
            {
                throw Malformed("the array has a comma behind its last element. Remove it, or get the file again if it was cut off.");
            }
        }
        else if (afterElement && c != ']')
        {
            throw Malformed(c < 0 ? $"the array is not closed: the file ends without ']'. {CutOff}" : "the elements of an array are separated by commas. Put one here.");
        }

        if (c < 0)
        {
            throw Malformed($"the array is not closed: the file ends without ']'. {CutOff}");
        }

        if (c == ']')
        {
            Advance(1);
            arrayClosed = true;
            return SkipWhiteSpace() < 0 ? false : throw Malformed("something stands behind the end of the array. Remove it, or write one record a line, without an array.");
        }

        Line = nextLine;
        Column = nextColumn;
        Length = ScanElement(out var isWhole);
        Offset = bufferOffset + start;
        Advance(Length);
        afterElement = true;
        return isWhole && Length <= maxRecordBytes ? true : throw TooLarge();
    }

    /// <summary>
    /// The length of the value at <see cref="start"/>; strings hide structure, depth decides where it ends. Of a value above the limit all but the
    /// end is passed over, so that what comes behind it is still read.
    /// </summary>
    private int ScanElement(out bool isWhole)
    {
        isWhole = true;
        int at = 0, depth = 0;
        var inString = false;
        while (true)
        {
            var rest = buffer.AsSpan(start + at, end - start - at);
            var next = rest.IndexOfAny(inString ? InString : Structure);
            if (next < 0 || (inString && rest[next] == '\\' && next + 1 == rest.Length))
            {
                at += next < 0 ? rest.Length : next;
                if (at > maxRecordBytes)
                {
                    isWhole = false;
                    Advance(at);
                    at = 0;
                }

                if (!Fill())
                {
                    // At the element's start: of a large one the rest has been passed over.
                    arrayClosed = true;
                    throw new InvalidRecordException(DataCodes.InvalidJson, 0, $"the array is not closed: the file ends inside an element. {CutOff}");
                }

                continue;
            }

            at += next;
            switch (rest[next])
            {
                case (byte)'\\':
                    at += 2;
                    break;
                case (byte)'"':
                    inString = !inString;
                    at++;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    at++;
                    break;
                case (byte)',' when depth == 0:
                    return Trimmed(at);
                case (byte)',':
                    at++;
                    break;
                default:
                    if (depth == 0)
                    {
                        return Trimmed(at);
                    }

                    at++;
                    if (--depth == 0)
                    {
                        return at;
                    }

                    break;
            }
        }
    }

    private int Trimmed(int length) => JsonText.TrimEnd(buffer.AsSpan(start, length)).Length;

    /// <summary>The next byte that is not white space, or -1 at the end.</summary>
    private int SkipWhiteSpace()
    {
        while (true)
        {
            var rest = buffer.AsSpan(start, end - start);
            var skipped = JsonText.LeadingSpace(rest);
            if (skipped < rest.Length)
            {
                Advance(skipped);
                return buffer[start];
            }

            Advance(rest.Length);
            if (!Fill())
            {
                Line = nextLine;
                Column = nextColumn;
                return -1;
            }
        }
    }

    private void Advance(int length)
    {
        var passed = buffer.AsSpan(start, length);
        var newlines = passed.Count((byte)'\n');
        nextLine += newlines;
        nextColumn = (newlines > 0 ? 1 : nextColumn) + TextPosition.CountCharacters(passed[(passed.LastIndexOf((byte)'\n') + 1)..]);
        start += length;
    }

    /// <summary>Reads more bytes behind those that are not consumed; false at the end.</summary>
    private bool Fill()
    {
        if (ended)
        {
            return false;
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            bufferOffset += start;
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            Grow();
        }

        var some = stream.Read(buffer.AsSpan(end, Math.Min(Chunk, buffer.Length - end)));
        end += some;
        ended = some == 0;
        return !ended;
    }

    /// <summary>Makes room for more, up to a record of the limit and what tells that it is larger.</summary>
    private void Grow()
    {
        var most = Math.Max((long)maxRecordBytes + Chunk, buffer.Length + (long)Chunk);
        var next = buffer.Length * (long)Growth;
        var larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, next < most / 2 ? next : most));
        buffer.AsSpan(0, end).CopyTo(larger);
        Return();
        buffer = larger;
    }

    /// <summary>The pool gets back what came from it; what grew for a large record is not worth keeping.</summary>
    private void Return()
    {
        if (isRented)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            isRented = false;
        }
    }

    private InvalidRecordException TooLarge() => new(
        DataCodes.RecordTooLarge, 0, $"the record is larger than DatasetMaxRecordBytes ({maxRecordBytes} bytes). Raise that property if the record is meant.");

    /// <summary>What is wrong between the elements of an array: where the next one begins is then anybody's guess.</summary>
    private InvalidRecordException Malformed(string message)
    {
        Line = nextLine;
        Column = nextColumn;
        arrayClosed = true;
        return new InvalidRecordException(DataCodes.InvalidJson, 0, start < end ? $"{message} Nothing behind this place was read." : message);
    }
}
