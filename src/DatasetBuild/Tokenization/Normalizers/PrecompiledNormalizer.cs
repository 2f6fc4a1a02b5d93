using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Precompiled: replaces by a <see cref="CharacterMap"/>. What a reader sees as one sign is looked up as a whole if it is shorter than six bytes,
/// then each of its characters.
/// </summary>
internal sealed class PrecompiledNormalizer(CharacterMap map) : INormalizer
{
    private const int LongestSign = 5;

    private readonly bool _keepsSpaces = !map.HasKeyWith((byte)' ') && !map.HasLongerKeyWith((byte)'\n') && map.KeepsOut("\u2581"u8);

    public AlignedText Normalize(AlignedText text)
    {
        var changes = new List<(int Code, int Change)>(text.Length);
        var modified = false;
        var utf16 = Encoding.UTF8.GetString(text.Bytes);
        for (var (place, start) = (0, 0); place < utf16.Length;)
        {
            var sign = SignLength(utf16, place);
            var length = Encoding.UTF8.GetByteCount(utf16.AsSpan(place, sign));
            modified |= Append(text.Bytes.Slice(start, length), changes);
            WorkLimit.Check(changes.Count, text.OriginalLength);
            place += sign;
            start += length;
        }

        if (!modified)
        {
            return text;
        }

        var builder = new AlignedText.Builder(text);
        foreach (var (code, change) in changes)
        {
            builder.AppendChange(code, change);
        }

        return builder.Build();
    }

    // Nothing changes where no key starts, whichever characters are one sign: both what is looked up for a sign and for a character of it starts at a character.
    public bool Keeps(ReadOnlySpan<byte> utf8) => _keepsSpaces && map.KeepsOut(utf8);

    // Two ASCII characters are one sign in one case only.
    private static int SignLength(string text, int place) =>
        place + 1 < text.Length && char.IsAscii(text[place]) && char.IsAscii(text[place + 1])
            ? text[place] == '\r' && text[place + 1] == '\n' ? 2 : 1
            : StringInfo.GetNextTextElementLength(text.AsSpan(place));

    private bool Append(ReadOnlySpan<byte> sign, List<(int Code, int Change)> changes)
    {
        if (sign.Length <= LongestSign && map.FindShortest(sign, out var whole))
        {
            Replace(sign, whole, changes);
            return true;
        }

        var modified = false;
        for (var i = 0; i < sign.Length;)
        {
            var code = Utf8Scalars.Decode(sign, i, out var length);
            if (map.FindShortest(sign.Slice(i, length), out var replacement))
            {
                Replace(sign.Slice(i, length), replacement, changes);
                modified = true;
            }
            else
            {
                changes.Add((code, 0));
            }

            i += length;
        }

        return modified;
    }

    // Characters more than before are new at the end; of those that are fewer, the last one tells how many follow it no more. Where nothing is
    // put, that is the one before, which makes the places of what follows the reference library's.
    private static void Replace(ReadOnlySpan<byte> old, ReadOnlySpan<byte> replacement, List<(int Code, int Change)> changes)
    {
        var difference = Utf8Scalars.Count(replacement) - Utf8Scalars.Count(old);
        var first = changes.Count;
        for (var i = 0; i < replacement.Length;)
        {
            changes.Add((Utf8Scalars.Decode(replacement, i, out var length), 0));
            i += length;
        }

        if (difference < 0 && changes.Count > 0)
        {
            changes[^1] = (changes[^1].Code, changes[^1].Change + difference);
        }

        for (var i = Math.Max(first, changes.Count - difference); difference > 0 && i < changes.Count; i++)
        {
            changes[i] = (changes[i].Code, 1);
        }
    }
}
