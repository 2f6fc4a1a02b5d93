using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Makes tokens with places out of the pieces of a normalized text: unknown ones are one together, or a token for each byte.</summary>
internal sealed class PlacedPieces(SentencePieceFile file, int[] byteIds)
{
    private readonly bool[] _isUnknown = [.. file.Pieces.Select(piece => piece.Kind == PieceKind.Unknown)];

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="bytes">The normalized text.</param>
    /// <param name="pieces">Its pieces, in order.</param>
    /// <param name="placeOf">Where in the original a byte of it came from, and what ends there.</param>
    /// <param name="tokens">Receives the tokens.</param>
    /// <param name="texts">Receives what each reports as its text; null where nobody asks.</param>
    public void Append(ReadOnlySpan<byte> bytes, List<(int Id, TextRange Range)> pieces, Func<int, int> placeOf, List<Token> tokens, List<string>? texts)
    {
        var afterUnknown = false;
        foreach (ref readonly var piece in CollectionsMarshal.AsSpan(pieces))
        {
            var (id, range) = piece;
            var (start, end) = (placeOf(range.Start), placeOf(range.End));
            var isUnknown = _isUnknown[id];
            if (isUnknown && file.ByteFallback)
            {
                // The last byte has the place of the whole character.
                for (var i = range.Start; i < range.End; i++)
                {
                    tokens.Add(new Token(byteIds[bytes[i]], start, i == range.End - 1 ? end : start));
                    texts?.Add(file.Pieces[byteIds[bytes[i]]].Text);
                }
            }
            else if (isUnknown && afterUnknown)
            {
                tokens[^1] = tokens[^1] with { End = end };
                if (texts is not null)
                {
                    texts[^1] += Encoding.UTF8.GetString(bytes[range.Start..range.End]);
                }
            }
            else
            {
                tokens.Add(new Token(id, start, end));
                texts?.Add(Encoding.UTF8.GetString(bytes[range.Start..range.End]));
            }

            afterUnknown = isUnknown;
        }
    }
}
