using System.Buffers.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Reads rank files: one token a line, its bytes in base64, a space, and its rank, which is both its id and the order of merges. Two tokens may
/// be merged wherever their bytes together are a token.
/// </summary>
internal static class RankFileReader
{
    /// <summary>Longer than any published token (128 bytes) by far; bounds the work on a damaged file.</summary>
    private const int LongestToken = 1024;

    /// <summary>Whether the first line has the form of a rank file's.</summary>
    public static bool Recognises(TokenizerFile file)
    {
        var line = JsonText.Trim(FirstLine(file));
        var space = line.IndexOf((byte)' ');
        return space > 0 && Base64.IsValid(line[..space]) && TryParseRank(line[(space + 1)..], out _);
    }

    private static ReadOnlySpan<byte> FirstLine(TokenizerFile file)
    {
        var content = file.Bytes.AsSpan(file.ContentStart);
        var lineEnd = content.IndexOf((byte)'\n');
        return lineEnd < 0 ? content : content[..lineEnd];
    }

    public static RankTokenizer Read(TokenizerFile file, IKeptModels? kept)
    {
        var model = kept?.Find(file, ByteLevelModel.Read);
        if (model is null)
        {
            file.RefuseOutline();
        }

        var ranks = model is null ? ReadRanks(file) : [];
        var pattern = RankFilePatterns.Choose(file, model?.Count ?? ranks.Count);
        if (model is null)
        {
            model = ReadModel(file, ranks);
            kept?.Keep(file, model.Write);
        }

        kept?.KeepOutline(file, () => FirstLine(file).ToArray());

        return new RankTokenizer(model, pattern, $"byte-level-bpe/1 ranks pattern={pattern.Name} unicode={UnicodeClasses.Digest} sha256={file.Digest}");
    }

    private static ByteLevelModel ReadModel(TokenizerFile file, List<(int Id, byte[] Bytes, bool Findable)> ranks)
    {
        var tokens = new TokenTable(ranks);
        for (var b = 0; b < 256; b++)
        {
            if (tokens.Find([(byte)b]) < 0)
            {
                throw file.Error(
                    TokenizerErrors.MissingBytes,
                    $"The byte 0x{b:X2} has no rank, so some texts would have no encoding. All 256 single bytes must be in a rank file.");
            }
        }

        var merges = new MergeTable(ranks.Count * 3);
        foreach (var (rank, bytes, _) in ranks)
        {
            for (var split = 1; split < bytes.Length; split++)
            {
                if (tokens.Find(bytes.AsSpan(0, split)) is >= 0 and var left && tokens.Find(bytes.AsSpan(split)) is >= 0 and var right)
                {
                    merges.Add(left, right, rank, rank);
                }
            }
        }

        return new ByteLevelModel(tokens, new Dictionary<string, int>(), ranks.Count, new BytePairEncoder(tokens, merges, wholePieces: true));
    }

    private static List<(int Id, byte[] Bytes, bool Findable)> ReadRanks(TokenizerFile file)
    {
        var ranks = new List<(int, byte[], bool)>();
        var ids = new HashSet<int>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var start = file.ContentStart; start < file.Bytes.Length;)
        {
            var length = file.Bytes.AsSpan(start).IndexOf((byte)'\n');
            var end = length < 0 ? file.Bytes.Length : start + length;
            var line = file.Bytes.AsSpan(start, end - start).TrimEnd(" \t\r"u8);
            if (!line.IsEmpty)
            {
                var (bytes, rank) = ReadLine(file, start, line);
                if (!ids.Add(rank))
                {
                    throw file.ErrorAt(start, TokenizerErrors.Duplicate, $"The rank {rank} is given twice. Is the file complete and unchanged?");
                }

                if (!known.Add(System.Text.Encoding.Latin1.GetString(bytes)))
                {
                    throw file.ErrorAt(start, TokenizerErrors.Duplicate, $"The token of rank {rank} has a rank already.");
                }

                ranks.Add((rank, bytes, true));
            }

            start = end + 1;
        }

        return ranks;
    }

    private static (byte[] Bytes, int Rank) ReadLine(TokenizerFile file, int start, ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (space <= 0 || !TryParseRank(line[(space + 1)..], out var rank))
        {
            throw file.ErrorAt(
                start + Math.Max(space + 1, 0),
                TokenizerErrors.InvalidRankLine,
                $"A line of a rank file is the base64 of a token, a space and a rank from 0 to {TokenTable.IdLimit - 1}. Is the file complete?");
        }

        var text = line[..space];
        if (!Base64.IsValid(text, out var length) || length is 0 or > LongestToken)
        {
            throw file.ErrorAt(
                start,
                TokenizerErrors.InvalidRankLine,
                $"The token is not base64 of 1 to {LongestToken} bytes. Is the file complete?");
        }

        var bytes = new byte[length];
        Base64.DecodeFromUtf8(text, bytes, out _, out var written);
        return (bytes[..written], rank);
    }

    private static bool TryParseRank(ReadOnlySpan<byte> text, out int rank) =>
        Utf8Parser.TryParse(text, out rank, out var used) && used == text.Length && rank is >= 0 and < TokenTable.IdLimit && text[0] is not (byte)'+';
}
