using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>An output file being written: a forward-only stream that hashes what passes. Closing it puts the bytes on the disk and makes its digest known.
/// What the disk refuses is thrown as <see cref="DatasetException"/> with <see cref="CacheCodes.CannotCommit"/>.</summary>
public sealed class CommitStream : Stream
{
    private readonly string path;
    private readonly SafeFileHandle file;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task hashing = Task.CompletedTask;
    private ContentDigest? digest;
    private bool closed;
    private bool isDirect;
    private long length;

    internal CommitStream(string target, string temporary, string temporaryPath)
    {
        path = temporaryPath;
        Target = target;
        Temporary = temporary;
        file = File.OpenHandle(temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        FileModes.MakePrivate(file);
    }

    /// <summary>The name relative to the output folder, with <c>/</c>.</summary>
    public string Target { get; }

    /// <summary>SHA-256 of the content; known once the file is closed.</summary>
    public ContentDigest Digest => digest ?? throw new InvalidOperationException($"'{Target}' is still being written.");

    /// <summary>Bytes written.</summary>
    public override long Length => length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !closed;

    public override long Position
    {
        get => length;
        set => throw new NotSupportedException();
    }

    internal string Temporary { get; }

    internal bool IsComplete => digest is not null;

    /// <summary>Writes past the page cache as long as all writes are as <see cref="DirectWriting"/> has them, if that can be had.</summary>
    internal void WriteDirectly() => isDirect = DirectWriting.TryBegin(file);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hashing.Wait();
        WriteToFile(buffer);
        hash.AppendData(buffer);
    }

    /// <summary>Writes a buffer, which another thread hashes meanwhile and perhaps a while longer: nobody may change it before the next write has returned.</summary>
    internal void WriteHeld(ReadOnlyMemory<byte> buffer)
    {
        hashing.Wait();
        hashing = Task.Run(() => hash.AppendData(buffer.Span));
        WriteToFile(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !closed)
        {
            closed = true;
            try
            {
                hashing.Wait();
                FileModes.MakeOrdinary(file);
                RandomAccess.FlushToDisk(file);
                digest = ContentDigest.Read(hash.GetHashAndReset());
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                throw CommitJournal.CannotCommit(path, error);
            }
            finally
            {
                file.Dispose();
                hash.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>Closes without a promise about the content.</summary>
    internal void Abandon()
    {
        if (!closed)
        {
            closed = true;
            hashing.Wait();
            hash.Dispose();
            try
            {
                file.Dispose();
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                // A full disk takes not even what was buffered; nobody wants it any more.
            }
        }
    }

    private void WriteToFile(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (!isDirect || !TryWriteDirectly(buffer))
            {
                RandomAccess.Write(file, buffer, length);
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error) && !closed)
        {
            throw CommitJournal.CannotCommit(path, error);
        }

        length += buffer.Length;
    }

    /// <summary>False where a write has to go through the page cache, and then so do all that follow.</summary>
    private bool TryWriteDirectly(ReadOnlySpan<byte> buffer)
    {
        if (DirectWriting.IsAligned(buffer, length))
        {
            try
            {
                RandomAccess.Write(file, buffer, length);
                return true;
            }
            catch (IOException)
            {
                // A file system may refuse such writes, or want them aligned otherwise. What else is wrong shows at the next try.
            }
        }

        DirectWriting.End(file);
        isDirect = false;
        return false;
    }
}
