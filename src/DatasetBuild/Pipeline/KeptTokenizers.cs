using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Tokenizers as derived data: as they stand in memory, so that a vocabulary is parsed once and then only read. What is kept stands under the content and
/// the name of its file, and under the runtime's version, whose Unicode data it follows: all that decides what a tokenizer does.
/// </summary>
internal sealed class KeptTokenizers(DerivedData derived)
{
    private const string Kind = "tokenizer";
    private const int Version = 1;

    /// <summary>The kept tokenizer of a file, else the one that is read from it, which is kept.</summary>
    /// <exception cref="DatasetException">As for <see cref="Tokenizers.Load"/>.</exception>
    public ITokenizer Load(TokenizerFile file)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file.DisplayPath)}\n{file.Digest}\n{Environment.Version}"));
        if (Find(hash) is { } kept)
        {
            return kept;
        }

        var tokenizer = Tokenizers.Read(file);
        if (tokenizer is ByteLevelTokenizer { HasImage: true } image)
        {
            derived.Write(Kind, Version, hash, writer => image.Write(new ImageWriter(writer.Write)));
        }

        return tokenizer;
    }

    private ByteLevelTokenizer? Find(byte[] hash)
    {
        if (!derived.TryOpen(Kind, Version, hash, out var reader))
        {
            return null;
        }

        using (reader)
        {
            try
            {
                var offset = 0L;
                return ByteLevelTokenizer.Read(new ImageReader(reader.Length, destination =>
                {
                    offset += destination.Length;
                    return reader.TryRead(offset - destination.Length, destination);
                }));
            }
            catch (InvalidDataException)
            {
                // Damaged, of which the reader has warned, or forged: the file itself is read again.
                return null;
            }
        }
    }
}
