namespace DatasetBuild.Tokenization;

/// <summary>A half-open range of bytes of a text.</summary>
internal readonly record struct TextRange(int Start, int End)
{
    public int Length => End - Start;
}
