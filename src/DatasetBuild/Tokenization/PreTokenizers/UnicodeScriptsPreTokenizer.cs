namespace DatasetBuild.Tokenization;

/// <summary>UnicodeScripts: cuts where the script changes. Japanese syllables count as Han; a space belongs to any script, and so does what has none.</summary>
internal sealed class UnicodeScriptsPreTokenizer : IPreTokenizer
{
    private const int Any = -1;

    private static readonly int Han = ReferenceSets.Script(0x4E00);
    private static readonly int Hiragana = ReferenceSets.Script(0x3042);
    private static readonly int Katakana = ReferenceSets.Script(0x30A2);

    public TextPieces Split(TextPieces pieces)
    {
        var ranges = new List<TextRange>();
        foreach (var piece in pieces.Ranges)
        {
            // What comes before the first cut is in no piece. The first character always makes a cut unless it belongs to any script.
            var (start, last) = (-1, int.MinValue);
            for (var i = piece.Start; i < piece.End;)
            {
                var script = Script(Utf8Scalars.Decode(pieces.Text.Bytes, i, out var length));
                if (script != Any && last != Any && script != last)
                {
                    Add(start, i);
                    start = i;
                }

                last = script != Any ? script : last;
                i += length;
            }

            Add(start, piece.End);
        }

        return pieces with { Ranges = ranges };

        void Add(int start, int end)
        {
            if (start >= 0 && end > start)
            {
                ranges.Add(new TextRange(start, end));
            }
        }
    }

    private static int Script(int code)
    {
        var script = code is 0x30FC ? Han : code == ' ' ? Any : ReferenceSets.Script(code);
        return script == Hiragana || script == Katakana ? Han : script;
    }
}
