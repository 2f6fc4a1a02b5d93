using DatasetBuild.Caching;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Byte-level models as derived data: as they stand in memory, so that a vocabulary is parsed once and then only read. What is kept stands under the
/// content of its file, which is all that decides it.
/// </summary>
internal sealed class KeptTokenizers(DerivedData derived) : IKeptModels
{
    private const string Kind = "tokenizer";
    private const int Version = 1;

    /// <summary>The tokenizer of a file, with its model as it is kept; else the model is read from the file and kept.</summary>
    /// <exception cref="DatasetException">As for <see cref="Tokenizers.Load"/>.</exception>
    public ITokenizer Load(TokenizerFile file) => Tokenizers.Read(file, this);

    public ByteLevelModel? Find(TokenizerFile file)
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
                return ByteLevelModel.Read(new ImageReader(reader.Length, destination =>
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

    public void Keep(TokenizerFile file, ByteLevelModel model) =>
        derived.Write(Kind, Version, HashOf(file), writer => model.Write(new ImageWriter(writer.Write)));

    private static byte[] HashOf(TokenizerFile file) => Convert.FromHexString(file.Digest);
}
