using System.Text;

namespace DatasetBuild.Records;

/// <summary>Turns an offset in a record's bytes into the line and column that an editor shows.</summary>
public static class TextPosition
{
    /// <summary>Counts code points: every byte that does not continue one.</summary>
    public static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8))
        {
            return utf8.Length;
        }

        var continuations = 0;
        foreach (var b in utf8)
        {
            continuations += (b & 0xc0) == 0x80 ? 1 : 0;
        }

        return utf8.Length - continuations;
    }

    /// <summary>The place of <paramref name="offset"/> in a value that itself starts at <paramref name="line"/> and <paramref name="column"/>.</summary>
    public static (int Line, int Column) Locate(ReadOnlySpan<byte> json, int offset, int line, int column)
    {
        var before = json[..Math.Min(offset, json.Length)];
        var newlines = before.Count((byte)'\n');
        var sameLine = CountCharacters(before[(before.LastIndexOf((byte)'\n') + 1)..]);
        return newlines == 0 ? (line, column + sameLine) : (line + newlines, 1 + sameLine);
    }
}
