namespace DatasetBuild.Tokenization;

/// <summary>Counts characters, that is Unicode code points: neither UTF-16 units nor what a reader sees as one sign.</summary>
public sealed class CharacterCounter : ITextCounter
{
    public string Identity => "characters/1";

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            // Every code point has exactly one byte that is not a continuation byte.
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }
}
