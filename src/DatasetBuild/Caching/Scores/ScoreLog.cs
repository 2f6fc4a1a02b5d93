using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// The log that one process appends finished batches to. It is held open exclusively: whoever can open it knows that its writer is dead.
/// A frame is written with one call, so it survives the process from the moment that <see cref="Append"/> returns.
/// </summary>
internal sealed class ScoreLog : IDisposable
{
    internal const string Prefix = "log-";
    internal const string Suffix = ".log";
    internal const int HeaderSize = 64;
    internal const int FrameHeaderSize = 32;
    internal const int MaxFrameBytes = 16 << 20;
    private const uint FormatVersion = 1;
    private const uint FrameMagic = 0x46425344; // "DSBF"
    private const uint OverridesFlag = 1;

    private readonly SafeFileHandle handle;

    private ScoreLog(string path, Guid id, SafeFileHandle handle)
    {
        Path = path;
        Id = id;
        this.handle = handle;
    }

    internal string Path { get; }

    internal Guid Id { get; }

    /// <summary>Bytes written so far.</summary>
    internal long Length { get; private set; }

    private static ReadOnlySpan<byte> Magic => "DSBSCLOG"u8;

    /// <exception cref="IOException">It cannot be created.</exception>
    internal static ScoreLog Create(string folder, ReadOnlySpan<byte> identity, int width)
    {
        CacheFiles.RefuseLink(folder, ScoreStore.FolderDepth);
        CacheFiles.CreatePrivateFolder(folder);
        for (var attempt = 0; ; attempt++)
        {
            var id = Guid.NewGuid();
            var path = System.IO.Path.Combine(folder, $"{Prefix}{id:N}{Suffix}");
            try
            {
                var log = new ScoreLog(path, id, File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None));

                // Between its creation and its lock, another build may have taken the empty file for a dead one's and deleted it.
                if (File.Exists(path))
                {
                    Span<byte> header = stackalloc byte[HeaderSize];
                    WriteHeader(header, identity, width);
                    RandomAccess.Write(log.handle, header, 0);
                    log.Length = HeaderSize;
                    return log;
                }

                log.Dispose();
            }
            catch (IOException) when (attempt < 3)
            {
            }
        }
    }

    /// <summary>Appends one frame of at most <see cref="MaxFrameBytes"/> of entries. After a failure the next frame takes the failed one's place.</summary>
    internal void Append(in EntryBlock entries, int width, bool overrides)
    {
        using var rented = new RentedBytes(FrameHeaderSize + (entries.Keys.Length * EntryBlock.EntrySize(width)));
        var frame = rented.Span;
        var payload = frame[FrameHeaderSize..];
        entries.CopyTo(payload);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameMagic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], entries.Keys.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], overrides ? OverridesFlag : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[16..], XxHash64.Hash(payload));
        BinaryPrimitives.WriteUInt64LittleEndian(frame[24..], XxHash64.Hash(frame[..24]));
        RandomAccess.Write(handle, frame, Length);
        Length += frame.Length;
    }

    public void Dispose() => handle.Dispose();

    internal void Delete()
    {
        // Deleted before it is closed: no moment at which another build could take it for a dead one's.
        if (OperatingSystem.IsWindows())
        {
            handle.Dispose();
        }

        CacheFiles.TryDelete(Path);
        handle.Dispose();
    }

    /// <summary>
    /// Reads a dead process's log. The torn frame at its end is what a kill leaves and goes without a word; a damaged frame before others is left out and
    /// <paramref name="damaged"/> set. Nothing is allocated beyond the file's own length, or <see cref="MaxFrameBytes"/>, at a time.
    /// </summary>
    /// <param name="handle">The log, opened exclusively.</param>
    /// <param name="identity">The digest of the identity it must belong to.</param>
    /// <param name="width">The width it must have.</param>
    /// <param name="onFrame">Receives each intact frame, and whether its entries replace earlier ones.</param>
    /// <param name="damaged">Whether anything but the tail was bad.</param>
    internal static FileVerdict Read(SafeFileHandle handle, ReadOnlySpan<byte> identity, int width, FrameReceiver onFrame, out bool damaged)
    {
        damaged = false;
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!CacheFiles.TryReadExactly(handle, header, 0))
        {
            return FileVerdict.Good;
        }

        Span<byte> expected = stackalloc byte[HeaderSize];
        WriteHeader(expected, identity, width);
        if (!header.SequenceEqual(expected))
        {
            return header.StartsWith(Magic) && BinaryPrimitives.ReadUInt64LittleEndian(header[56..]) == XxHash64.Hash(header[..56])
                ? FileVerdict.Foreign
                : FileVerdict.Damaged;
        }

        long offset = HeaderSize;
        var entrySize = EntryBlock.EntrySize(width);
        Span<byte> head = stackalloc byte[FrameHeaderSize];
        while (CacheFiles.TryReadExactly(handle, head, offset))
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(head) != FrameMagic
                || BinaryPrimitives.ReadUInt64LittleEndian(head[24..]) != XxHash64.Hash(head[..24])
                || count <= 0 || count > MaxFrameBytes / entrySize)
            {
                // Without its header nobody knows where the next frame starts.
                damaged = true;
                break;
            }

            var size = count * entrySize;
            if (RandomAccess.GetLength(handle) - offset - FrameHeaderSize < size)
            {
                break;
            }

            using var payload = new RentedBytes(size);
            if (!CacheFiles.TryReadExactly(handle, payload.Span, offset + FrameHeaderSize))
            {
                break;
            }

            if (XxHash64.Hash(payload.Span) == BinaryPrimitives.ReadUInt64LittleEndian(head[16..]))
            {
                onFrame(EntryBlock.Of(payload.Span, count, width), (BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) & OverridesFlag) != 0);
            }
            else
            {
                damaged = true;
            }

            offset += FrameHeaderSize + size;
        }

        return FileVerdict.Good;
    }

    private static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> identity, int width)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], width);
        identity[..32].CopyTo(header[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[56..], XxHash64.Hash(header[..56]));
    }
}

/// <summary>Receives the entries of one frame of a log, in the order in which they were appended.</summary>
internal delegate void FrameReceiver(in EntryBlock entries, bool overrides);
