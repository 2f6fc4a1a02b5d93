namespace DatasetBuild.Tokenization;

/// <summary>
/// The rules of NLTK's word tokenizer for one sentence, in its order: each rewrites the sentence so that more of its words stand between
/// spaces, and the words are counted at the end. Later rules see what earlier ones inserted, so the order and the spaces matter. A rule
/// reads the sentence once, from left to right, and is skipped where the character that triggers it is absent.
/// </summary>
internal sealed class TreebankSentence : IDisposable
{
    private const string OpeningQuotes = "«“‘„";
    private const string ClosingQuotes = "»”’";
    private const string Currency = ";@#$%&";
    private const string Brackets = "[](){}<>";

    private readonly TreebankBuffer _text = new();

    public int CountWords(ReadOnlySpan<int> sentence)
    {
        _text.Load(sentence);
        StartingQuotes();
        Punctuation();
        _text.PadAll(Brackets);
        _text.PadPairs('-');
        _text.Surround();
        EndingQuotes();
        TreebankContractions.Split(_text);
        return _text.CountWords();
    }

    public void Dispose() => _text.Dispose();

    private void StartingQuotes()
    {
        _text.PadAll(OpeningQuotes);
        _text.PadRuns('`', 1);
        if (_text.Has('"') && _text.Text[0] == '"')
        {
            _text.Begin();
            _text.Emit("``");
            _text.Skip(1);
            _text.Copy(_text.Rest.Length);
            _text.End();
        }

        _text.PadPairs('`');
        QuotesAfterBrackets();
        ApostropheBeforeLetter();
    }

    // ([ \(\[{<])("|'') -> \1 `` ; a space of its own is added, so that the bracket and the quote are two words
    private void QuotesAfterBrackets()
    {
        if (!_text.Has('"') && !_text.Has('\''))
        {
            return;
        }

        for (_text.Begin(); _text.More; )
        {
            var quote = _text.At(0) is not (' ' or '(' or '[' or '{' or '<') ? 0
                : _text.At(1) == '"' ? 1
                : _text.At(1) == '\'' && _text.At(2) == '\'' ? 2
                : 0;
            _text.Copy(1);
            if (quote > 0)
            {
                _text.Skip(quote);
                _text.Emit(" `` ");
            }
        }

        _text.End();
    }

    // (?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b -> \1 \2 ; of the contractions only those of one letter can match before \b
    private void ApostropheBeforeLetter()
    {
        if (!_text.Has('\''))
        {
            return;
        }

        for (_text.Begin(); _text.More;)
        {
            var letter = _text.At(1);
            var split = _text.At(0) == '\'' && letter >= 0 && TreebankText.IsWord(letter) && TreebankText.IsWordEnd(_text.Rest, 2)
                && TreebankText.Fold(letter) is not ('m' or 't' or 's' or 'd' or 'n');
            _text.Copy(1);
            if (split)
            {
                _text.Emit(" ");
                _text.Copy(1);
            }
        }

        _text.End();
    }

    private void Punctuation()
    {
        FinalPeriod("])}>\"'»”’ ", " ");
        ColonsAndCommas();
        _text.PadRuns('.', 2);
        _text.PadAll(Currency);
        FinalPeriod("])}>\"'", "");
        _text.PadAll("?!");
        // ([^'])'[space] -> \1 ' [space]
        _text.SplitBeforeSpace(static rest => rest[0] != '\'' && rest[1] == '\'' && rest[2] == ' ' ? 1 : 0, shortest: 3);
        _text.PadAll("*");
    }

    // ([^\.])(\.)([...]*)\s*$ -> \1 \2<gap>\3[space]: what may follow holds no period, so only the last one can match
    private void FinalPeriod(string closing, string gap)
    {
        var text = _text.Text;
        var period = _text.Has('.') ? text.LastIndexOf('.') : -1;
        if (period <= 0 || text[period - 1] == '.')
        {
            return;
        }

        var closed = period + 1;
        while (closed < text.Length && TreebankBuffer.Contains(closing, text[closed]))
        {
            closed++;
        }

        if (TreebankText.SpaceEnd(text, closed) == text.Length)
        {
            _text.Begin();
            _text.Copy(period);
            _text.Emit(" ");
            _text.Copy(1);
            _text.Emit(gap);
            _text.Copy(closed - period - 1);
            _text.Emit(" ");
            _text.Skip(text.Length - closed);
            _text.End();
        }
    }

    // ([:,])([^\d]) -> [space]\1 \2 ; then ([:,])$ -> [space]\1[space]
    private void ColonsAndCommas()
    {
        if (!_text.Has(':') && !_text.Has(','))
        {
            return;
        }

        for (_text.Begin(); _text.More;)
        {
            if (_text.At(0) is ':' or ',' && _text.At(1) is >= 0 and var next && !TreebankText.IsDigit(next))
            {
                _text.Emit(" ");
                _text.Copy(1);
                _text.Emit(" ");
            }

            // The character behind is part of the match and cannot start another one.
            _text.Copy(1);
        }

        _text.End();
        for (_text.Begin(); _text.More;)
        {
            var last = _text.At(0) is ':' or ',' && (_text.At(1) < 0 || (_text.At(1) == '\n' && _text.At(2) < 0));
            _text.Emit(last ? " " : "");
            _text.Copy(1);
            _text.Emit(last ? " " : "");
        }

        _text.End();
    }

    private void EndingQuotes()
    {
        _text.PadAll(ClosingQuotes);
        _text.PadPairs('\'');
        if (_text.Has('"'))
        {
            for (_text.Begin(); _text.More;)
            {
                if (_text.At(0) == '"')
                {
                    _text.Skip(1);
                    _text.Emit(" '' ");
                }
                else
                {
                    _text.Copy(1);
                }
            }

            _text.End();
        }

        // ([^' ])('[sS]|'[mM]|'[dD]|')[space], then ([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T)[space] -> \1 \2[space]
        _text.SplitBeforeSpace(
            static rest => rest[0] is '\'' or ' ' || rest[1] != '\'' ? 0
                : rest[2] is 's' or 'S' or 'm' or 'M' or 'd' or 'D' && rest.Length > 3 && rest[3] == ' ' ? 2
                : rest[2] == ' ' ? 1
                : 0,
            shortest: 3);
        _text.SplitBeforeSpace(
            static rest => rest[0] is not ('\'' or ' ') && rest[4] == ' '
                && (rest[1], rest[2], rest[3]) is ('\'', 'l', 'l') or ('\'', 'L', 'L') or ('\'', 'r', 'e') or ('\'', 'R', 'E')
                    or ('\'', 'v', 'e') or ('\'', 'V', 'E') or ('n', '\'', 't') or ('N', '\'', 'T') ? 3 : 0,
            shortest: 5);
    }
}
