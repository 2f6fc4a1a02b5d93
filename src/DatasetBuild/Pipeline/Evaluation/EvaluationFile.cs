using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>
/// What is taken of one file of evaluation items: the line of each, and its words as <see cref="EvaluationWords"/> has them. Kept as derived data under the
/// file's content and the way it is read, so that a benchmark is parsed once.
/// </summary>
internal sealed record EvaluationFile(PlanShard Declared, ContentDigest Digest, int[] Lines, byte[] Words)
{
    /// <summary>Whether no item has a word.</summary>
    public bool IsBlank => !Words.AsSpan().ContainsAnyExcept(EvaluationWords.EndOfItem);

    private const string Kind = "evaluation-words";
    private const int Version = 1;

    /// <summary>The file's items: as they are kept, else read and then kept.</summary>
    /// <exception cref="DatasetException">The file or one of its items cannot be read.</exception>
    public static EvaluationFile Load(PlanShard file, Settings settings, DerivedData derived)
    {
        if (ContentDigest.TryOfFile(file.FullPath) is not { } digest)
        {
            // Reading it in earnest says what is wrong.
            return EvaluationReader.Read(file, settings.MaxRecordBytes);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"reader={EngineVersion.Build}\ncontent={digest}\n{file.Shape.Identity}fields={file.Fields}\nwords={FoldedWords.Identity}\nmax={settings.MaxRecordBytes}\n")));
        if (derived.TryRead(Kind, Version, hash, out var payload))
        {
            using (payload)
            {
                if (TryParse(file, digest, payload.Span) is { } kept)
                {
                    return kept;
                }
            }
        }

        var read = EvaluationReader.Read(file, settings.MaxRecordBytes);
        if (read.Digest != digest)
        {
            throw PoolIndexer.Changed(file, "its content is another");
        }

        derived.Write(Kind, Version, hash, read.ToBytes());
        return read;
    }

    private byte[] ToBytes()
    {
        var bytes = new byte[4 + (4 * Lines.Length) + Words.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Lines.Length);
        for (var i = 0; i < Lines.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), Lines[i]);
        }

        Words.CopyTo(bytes, 4 + (4 * Lines.Length));
        return bytes;
    }

    private static EvaluationFile? TryParse(PlanShard file, ContentDigest digest, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(bytes) is var count && (count < 0 || bytes.Length < 4 + (4L * count)))
        {
            return null;
        }

        var lines = new int[count];
        for (var i = 0; i < count; i++)
        {
            lines[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 + (4 * i))..]);
        }

        var words = bytes[(4 + (4 * count))..];
        var isWhole = count == 0 ? words.IsEmpty : words.Count(EvaluationWords.EndOfItem) == count && words[^1] == EvaluationWords.EndOfItem;
        return isWhole ? new EvaluationFile(file, digest, lines, words.ToArray()) : null;
    }
}
