using System.Globalization;

namespace DatasetBuild.Tokenization;

/// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> by which a model spells what it has no token for.</summary>
internal sealed class ByteTokens
{
    private readonly int[] _ids = new int[256];

    public ByteTokens(Vocabulary vocabulary)
    {
        for (var b = 0; b < 256; b++)
        {
            _ids[b] = vocabulary.Find(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>"));
        }
    }

    public int this[byte value] => _ids[value];

    /// <summary>Whether every byte has a token.</summary>
    public bool Covers(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (_ids[b] < 0)
            {
                return false;
            }
        }

        return true;
    }
}
