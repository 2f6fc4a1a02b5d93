namespace DatasetBuild.Tokenization;

/// <summary>Tells the places of a text's bytes in Unicode code points.</summary>
internal sealed class CodePointPlaces
{
    private readonly int[] _places;

    public CodePointPlaces(ReadOnlySpan<byte> utf8)
    {
        _places = new int[utf8.Length + 1];
        var point = -1;
        for (var i = 0; i < utf8.Length; i++)
        {
            point += (utf8[i] & 0xC0) != 0x80 ? 1 : 0;
            _places[i] = point;
        }

        _places[^1] = point + 1;
    }

    /// <summary>The range in code points; a part of a character has the place of the whole character.</summary>
    public (int Start, int End) Of(int start, int end) => (_places[start], end > start ? _places[end - 1] + 1 : _places[start]);
}
