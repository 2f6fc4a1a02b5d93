namespace DatasetBuild.Tokenization;

/// <summary>Counts bytes of UTF-8.</summary>
public sealed class ByteCounter : ITextCounter
{
    public string Identity => "bytes/1";

    public int Count(ReadOnlySpan<byte> utf8) => utf8.Length;
}
