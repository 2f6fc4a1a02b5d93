using System.Text;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Writes a character map of SentencePiece, with a block of the double array for each node of the trie.</summary>
internal static class CharacterMapFile
{
    public static byte[] Of(params (string Key, string Value)[] entries)
    {
        var units = new List<uint>(new uint[256]);
        var values = new List<byte>();
        Place(0, 0, [.. entries.DistinctBy(entry => entry.Key).Select(entry => (Encoding.UTF8.GetBytes(entry.Key), entry.Value))], 0, units, values);
        return [.. BitConverter.GetBytes(units.Count * 4), .. units.SelectMany(BitConverter.GetBytes), .. values];
    }

    /// <summary>Places what goes on behind a node, with what ends there.</summary>
    private static void Place(int node, uint label, List<(byte[] Key, string Value)> entries, int depth, List<uint> units, List<byte> values)
    {
        var block = units.Count;
        units.AddRange(new uint[256]);
        units[node] = label | ((uint)(node ^ block) << 10);
        foreach (var group in entries.GroupBy(entry => entry.Key.Length == depth ? -1 : entry.Key[depth]))
        {
            if (group.Key < 0)
            {
                units[node] |= 1 << 8;
                units[block] = 0x80000000 | (uint)values.Count;
                values.AddRange([.. Encoding.UTF8.GetBytes(group.First().Value), 0]);
            }
            else
            {
                Place(block ^ group.Key, (uint)group.Key, [.. group], depth + 1, units, values);
            }
        }
    }
}
