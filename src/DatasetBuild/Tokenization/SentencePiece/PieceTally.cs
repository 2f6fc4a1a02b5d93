namespace DatasetBuild.Tokenization;

/// <summary>Counts the tokens that pieces side by side come to: unknown ones are one together, or a token for each byte.</summary>
internal struct PieceTally(bool byteFallback)
{
    private bool _afterUnknown;

    public int Tokens { get; private set; }

    public int Pieces { get; private set; }

    public void Add(bool isUnknown, int bytes)
    {
        Pieces++;
        Tokens += !isUnknown ? 1 : byteFallback ? bytes : _afterUnknown ? 0 : 1;
        _afterUnknown = isUnknown;
    }
}
