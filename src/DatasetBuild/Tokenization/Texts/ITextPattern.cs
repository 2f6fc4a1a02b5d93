namespace DatasetBuild.Tokenization;

/// <summary>Finds the parts of a text that a splitter or a replacement is about.</summary>
internal interface ITextPattern
{
    /// <summary>Appends the matches, which do not overlap, in order.</summary>
    void FindAll(ReadOnlySpan<byte> text, List<TextRange> matches);

    /// <summary>Whether it is easily seen that no match holds a part of a text, whatever stands around it.</summary>
    bool KeepsOut(ReadOnlySpan<byte> utf8) => false;
}
