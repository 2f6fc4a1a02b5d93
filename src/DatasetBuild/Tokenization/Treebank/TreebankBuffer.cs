using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// A sentence that is rewritten from left to right, again and again: a pass reads one buffer of code points and writes another, which the
/// next pass reads.
/// </summary>
internal sealed class TreebankBuffer : IDisposable
{
    private readonly bool[] _ascii = new bool[128];
    private bool _beyondAscii;
    private int[] _source = ArrayPool<int>.Shared.Rent(256);
    private int[] _target = ArrayPool<int>.Shared.Rent(256);
    private int _length;
    private int _read;
    private int _written;

    public ReadOnlySpan<int> Text => _source.AsSpan(0, _length);

    /// <summary>What the pass has not read yet.</summary>
    public ReadOnlySpan<int> Rest => _source.AsSpan(_read, _length - _read);

    public bool More => _read < _length;

    public void Load(ReadOnlySpan<int> text)
    {
        Array.Clear(_ascii);
        _beyondAscii = false;
        Grow(ref _source, text.Length, 0);
        text.CopyTo(_source);
        _length = text.Length;
        foreach (var c in text)
        {
            Note(c);
        }
    }

    /// <summary>False only if the sentence, as loaded or rewritten, never had this character.</summary>
    public bool Has(int c) => c < 128 ? _ascii[c] : _beyondAscii;

    public void Begin()
    {
        _read = 0;
        _written = 0;
    }

    public void End()
    {
        (_source, _target) = (_target, _source);
        _length = _written;
        _read = 0;
    }

    /// <summary>The character that many places ahead, or -1 behind the end.</summary>
    public int At(int ahead) => _read + ahead < _length ? _source[_read + ahead] : -1;

    public void Skip(int count) => _read += count;

    public void Copy(int count)
    {
        Grow(ref _target, _written + count, _written);
        _source.AsSpan(_read, count).CopyTo(_target.AsSpan(_written));
        _read += count;
        _written += count;
    }

    public void Emit(string text)
    {
        Grow(ref _target, _written + text.Length, _written);
        foreach (var c in text)
        {
            Note(c);
            _target[_written++] = c;
        }
    }

    /// <summary>Puts a space before and behind the whole text.</summary>
    public void Surround()
    {
        Begin();
        Emit(" ");
        Copy(_length);
        Emit(" ");
        End();
    }

    /// <summary>Puts spaces around each of these characters.</summary>
    public void PadAll(string marks)
    {
        var any = false;
        foreach (var mark in marks)
        {
            any |= Has(mark);
        }

        for (Begin(); any && More;)
        {
            var pad = Contains(marks, At(0)) ? " " : "";
            Emit(pad);
            Copy(1);
            Emit(pad);
        }

        if (any)
        {
            End();
        }
    }

    /// <summary>Puts spaces around each run of at least so many of one character.</summary>
    public void PadRuns(int mark, int shortest)
    {
        if (!Has(mark))
        {
            return;
        }

        for (Begin(); More;)
        {
            var run = Rest.IndexOfAnyExcept(mark);
            run = run < 0 ? _length - _read : run;
            var pad = run >= shortest ? " " : "";
            Emit(pad);
            Copy(Math.Max(run, 1));
            Emit(run > 0 ? pad : "");
        }

        End();
    }

    /// <summary>Puts spaces around each two of one character, pair by pair.</summary>
    public void PadPairs(int mark)
    {
        if (!Has(mark))
        {
            return;
        }

        for (Begin(); More;)
        {
            var pair = At(0) == mark && At(1) == mark;
            Emit(pair ? " " : "");
            Copy(pair ? 2 : 1);
            Emit(pair ? " " : "");
        }

        End();
    }

    /// <summary>
    /// Splits what an apostrophe rule matches off the character before it. <paramref name="length"/> says how many characters that is, at a
    /// character with at least <paramref name="shortest"/> - 1 behind it, or 0; a space follows them, which belongs to the match.
    /// </summary>
    public void SplitBeforeSpace(Func<ReadOnlySpan<int>, int> length, int shortest)
    {
        if (!Has('\''))
        {
            return;
        }

        for (Begin(); More;)
        {
            var split = Rest.Length >= shortest ? length(Rest) : 0;
            Copy(1);
            if (split > 0)
            {
                Emit(" ");
                Copy(split + 1);
            }
        }

        End();
    }

    public int CountWords()
    {
        var count = 0;
        var inWord = false;
        foreach (var c in Text)
        {
            var space = TreebankText.IsSpace(c);
            count += !space && !inWord ? 1 : 0;
            inWord = !space;
        }

        return count;
    }

    public static bool Contains(string marks, int c) => c <= char.MaxValue && marks.Contains((char)c, StringComparison.Ordinal);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_source);
        ArrayPool<int>.Shared.Return(_target);
    }

    private void Note(int c)
    {
        if (c < 128)
        {
            _ascii[c] = true;
        }
        else
        {
            _beyondAscii = true;
        }
    }

    private static void Grow(ref int[] buffer, int needed, int kept)
    {
        if (needed > buffer.Length)
        {
            var larger = ArrayPool<int>.Shared.Rent(Math.Max(needed, buffer.Length * 2));
            buffer.AsSpan(0, kept).CopyTo(larger);
            ArrayPool<int>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
