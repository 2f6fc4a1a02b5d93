using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>The bytes of a tokenizer file, and the errors that point into it.</summary>
internal sealed class TokenizerFile
{
    private TokenizerFile(byte[] bytes, string fullPath, string displayPath, string? digest = null)
    {
        IsOutline = digest is not null;
        Bytes = bytes;
        FullPath = fullPath;
        DisplayPath = displayPath;
        Digest = digest ?? Convert.ToHexStringLower(SHA256.HashData(bytes));
        ContentStart = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
    }

    public byte[] Bytes { get; }

    public string FullPath { get; }

    /// <summary>The path as the user wrote it.</summary>
    public string DisplayPath { get; }

    /// <summary>SHA-256 of the whole file, in lower-case hexadecimal.</summary>
    public string Digest { get; }

    /// <summary>Whether the bytes are an outline (<see cref="IKeptModels.KeepOutline"/>), which has no model.</summary>
    public bool IsOutline { get; }

    /// <summary>Where the content starts: behind a byte order mark, if there is one.</summary>
    public int ContentStart { get; }

    /// <summary>The first byte that is not white space, or -1.</summary>
    public int FirstVisibleByte
    {
        get
        {
            var at = ContentStart + JsonText.LeadingSpace(Bytes.AsSpan(ContentStart));
            return at < Bytes.Length ? Bytes[at] : -1;
        }
    }

    /// <summary>Ten times the largest that is published: what is larger is something else.</summary>
    private const long MaxBytes = 256 << 20;

    /// <summary>The outline of a file that is not read.</summary>
    /// <param name="outline">As it was kept.</param>
    /// <param name="digest">SHA-256 of the file, in lower-case hexadecimal.</param>
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="displayPath">The path as the user wrote it.</param>
    public static TokenizerFile OfOutline(byte[] outline, string digest, string fullPath, string displayPath) => new(outline, Path.GetFullPath(fullPath), displayPath, digest);

    public static TokenizerFile Read(string fullPath, string displayPath)
    {
        try
        {
            if (Directory.Exists(fullPath))
            {
                throw new DatasetException(
                    TokenizerErrors.Unreadable, "The tokenizer is a folder; name the file in it, such as tokenizer.json.", displayPath);
            }

            return new FileInfo(fullPath).Length <= MaxBytes
                ? new TokenizerFile(File.ReadAllBytes(fullPath), Path.GetFullPath(fullPath), displayPath)
                : throw new DatasetException(TokenizerErrors.NotRecognised, $"The file is larger than {MaxBytes >> 20} MiB, which no tokenizer is. Check its path.", displayPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system's text would repeat the full path, which is another one on each machine.
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "it does not exist"
                : e is UnauthorizedAccessException ? "access is denied"
                : "an error occurred while reading it";
            throw new DatasetException(TokenizerErrors.Unreadable, $"The tokenizer file cannot be read: {reason}. Check its path and its permissions.", displayPath, inner: e);
        }
    }

    /// <summary>To be called before the model is read from the bytes.</summary>
    /// <exception cref="InvalidDataException">There is none in them.</exception>
    public void RefuseOutline()
    {
        if (IsOutline)
        {
            throw new InvalidDataException("The model of a tokenizer is not kept any more.");
        }
    }

    /// <summary>An error about the whole file.</summary>
    public DatasetException Error(string code, string message) => new(code, message + RemedyOf(code), DisplayPath);

    /// <summary>An error at a byte of the file; line and column count from 1, columns in characters.</summary>
    public DatasetException ErrorAt(int offset, string code, string message, Exception? inner = null)
    {
        var before = Bytes.AsSpan(0, Math.Min(offset, Bytes.Length));
        var lineStart = Math.Max(before.LastIndexOf((byte)'\n') + 1, ContentStart);
        var column = 1;
        foreach (var b in before.Length > lineStart ? before[lineStart..] : [])
        {
            column += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return new DatasetException(code, message + RemedyOf(code), DisplayPath, before.Count((byte)'\n') + 1, column, inner);
    }

    /// <summary>What to do, where the message leaves that open.</summary>
    private static string RemedyOf(string code) => code switch
    {
        TokenizerErrors.InvalidJson or TokenizerErrors.InvalidRankLine or TokenizerErrors.Duplicate or TokenizerErrors.MissingBytes or TokenizerErrors.InvalidPart or TokenizerErrors.InvalidMerge =>
            " Get the file again from where it is published.",
        TokenizerErrors.UnsupportedModel or TokenizerErrors.UnsupportedPreTokenizer or TokenizerErrors.UnsupportedNormalizer or TokenizerErrors.UnsupportedExpression or TokenizerErrors.UnsupportedProcessor => " Give another tokenizer, or count with Counter.",
        _ => "",
    };
}
