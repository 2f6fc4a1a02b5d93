namespace DatasetBuild.Tokenization;

/// <summary>Counts characters, that is Unicode code points: neither UTF-16 units nor what a reader sees as one sign.</summary>
public sealed class CharacterCounter : ITextCounter
{
    public string Identity => "characters/1";

    public int Count(ReadOnlySpan<byte> utf8) => Utf8Scalars.Count(utf8);
}
