namespace DatasetBuild.Tokenization;

/// <summary>Numbers as the generated tables have them: LEB128, unsigned, below 2^31.</summary>
internal static class Varint
{
    /// <summary>The number that starts at <paramref name="at"/>, which moves behind it.</summary>
    public static int Read(byte[] bytes, ref int at)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
