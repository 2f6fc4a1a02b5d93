using DatasetBuild.Caching;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The models of tokenizers as derived data: as they stand in memory, so that a vocabulary is parsed once and then only read, and of its file nothing as long as it has not changed. What is kept stands
/// under the content of the file, which is all that decides it.
/// </summary>
internal sealed class KeptTokenizers(DerivedData derived, InputFiles files, InputDigests digests) : IKeptModels
{
    internal const int Version = 4;

    private const string Kind = "tokenizer";
    private const string OutlineKind = "tokenizer-outline";

    /// <summary>The tokenizer of a file, with its model as it is kept; else the model is read from the file and kept.</summary>
    /// <param name="fullPath">Where the file is.</param>
    /// <exception cref="DatasetException">As for <see cref="Tokenizers.Load"/>.</exception>
    public ITokenizer Load(string fullPath)
    {
        if (digests.TryKnown(fullPath) is { } digest && TryOutline(digest, fullPath) is { } known)
        {
            return known;
        }

        var file = TokenizerFile.Read(fullPath, fullPath);
        digests.Note(fullPath, ContentDigest.Read(HashOf(file)));
        foreach (var beside in Tokenizers.FilesBeside(file))
        {
            files.Add(beside);
        }

        return Tokenizers.Read(file, this);
    }

    private ITokenizer? TryOutline(ContentDigest digest, string fullPath)
    {
        var hash = Convert.FromHexString(digest.ToString());
        if (!derived.TryRead(OutlineKind, Version, hash, out var payload))
        {
            return null;
        }

        using (payload)
        {
            try
            {
                return Tokenizers.Read(TokenizerFile.OfOutline(payload.Span.ToArray(), digest.ToString(), fullPath, fullPath), this);
            }
            catch (Exception error) when (error is InvalidDataException or DatasetException)
            {
                // Its model is not kept any more, or the outline is forged: the file itself is read.
                return null;
            }
        }
    }

    public TModel? Find<TModel>(TokenizerFile file, Func<ImageReader, TModel> read)
        where TModel : class
    {
        if (!derived.TryOpen(Kind, Version, HashOf(file), out var reader))
        {
            return null;
        }

        using (reader)
        {
            try
            {
                var offset = 0L;
                return read(new ImageReader(reader.Length, destination =>
                {
                    offset += destination.Length;
                    return reader.TryRead(offset - destination.Length, destination);
                }));
            }
            catch (InvalidDataException)
            {
                // Of another kind; damaged, of which the reader has warned; or forged.
                return null;
            }
        }
    }

    public void Keep(TokenizerFile file, Action<ImageWriter> write) =>
        derived.Write(Kind, Version, HashOf(file), writer => write(new ImageWriter(writer.Write)));

    public void KeepOutline(TokenizerFile file, Func<byte[]> outline)
    {
        if (!file.IsOutline)
        {
            derived.Write(OutlineKind, Version, HashOf(file), outline());
        }
    }

    private static byte[] HashOf(TokenizerFile file) => Convert.FromHexString(file.Digest);
}
