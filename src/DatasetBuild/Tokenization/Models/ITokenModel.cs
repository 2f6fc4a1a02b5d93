using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>A token of a piece. What it reports as its text is the vocabulary's, or, if <paramref name="Literal"/>, the piece's own.</summary>
internal readonly record struct PieceToken(int Id, int Start, int End, bool Literal = false)
{
    /// <summary>Whether tokens cover a piece without a gap, as those of all but strange models do.</summary>
    public static bool Cover(List<PieceToken> tokens, int length)
    {
        var end = 0;
        foreach (ref readonly var token in CollectionsMarshal.AsSpan(tokens))
        {
            if (token.Start > end)
            {
                return false;
            }

            end = token.End;
        }

        return end == length;
    }
}

/// <summary>Turns one piece of text into tokens. Immutable and thread-safe.</summary>
internal interface ITokenModel
{
    Vocabulary Vocabulary { get; }

    /// <summary>Writes what takes long to read of the model's file.</summary>
    void Write(ImageWriter image);

    /// <summary>The number of tokens of a piece, which is not empty.</summary>
    /// <exception cref="DatasetException">The piece holds something that the model has no token for.</exception>
    int Count(ReadOnlySpan<byte> piece);

    /// <summary>Appends the tokens of a piece, which is not empty; their places are those in the piece.</summary>
    /// <exception cref="DatasetException">The piece holds something that the model has no token for.</exception>
    void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens);
}
