using System.Buffers.Binary;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// Which scores a cache holds, in segments and in the logs of dead processes, read after the description of the formats alone: what stands here a
/// build must not compute again. Trusts every checksum: what was damaged is gone, or replaced by a segment without it, before this is asked.
/// </summary>
internal static class StoredScores
{
    /// <summary>Each score's identity and record key.</summary>
    public static HashSet<(string Identity, UInt128 Key)> In(string cachePath)
    {
        var found = new HashSet<(string, UInt128)>();
        var files = SampleProject.FilesUnder(Path.Combine(cachePath, "scores"));
        var replaced = files.Where(file => Path.GetExtension(file) == ".seg").SelectMany(file => Replaced(File.ReadAllBytes(file))).ToHashSet();
        foreach (var file in files.Where(file => !replaced.Contains(Path.GetFileNameWithoutExtension(file))))
        {
            var identity = Path.GetFileName(Path.GetDirectoryName(file)!);
            var keys = Path.GetExtension(file) switch
            {
                ".seg" => Segment(File.ReadAllBytes(file)),
                ".log" => Log(File.ReadAllBytes(file)),
                _ => [],
            };
            found.UnionWith(keys.Select(key => (identity, key)));
        }

        return found;
    }

    /// <summary>
    /// The environment in which an engine stands still when it has committed one batch of a scorer's values and is about to write the next. The scorer is the
    /// one whose identity speaks of <paramref name="scorer"/>; the cache must know it already.
    /// </summary>
    public static Dictionary<string, string> PausingAfterABatch(string cachePath, string scorer)
    {
        const int SecondBatch = 4; // the log is created, then come its header and the first batch
        var identity = Directory.EnumerateFiles(cachePath, "identity.txt", SearchOption.AllDirectories)
            .Single(file => File.ReadAllText(file).Contains(scorer, StringComparison.OrdinalIgnoreCase));
        return FaultLibrary.Variables(cachePath, "pause", SecondBatch, path: Path.GetFileName(Path.GetDirectoryName(identity)) + "/log-");
    }

    /// <summary>The names of the segments that one stands for; they stay for a while, and do not count.</summary>
    private static IEnumerable<string> Replaced(byte[] bytes)
    {
        var count = bytes.Length < 64 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(60));
        return count <= 0 || count * 16 > bytes.Length ? [] : Enumerable.Range(1, count).Select(i => $"seg-{Convert.ToHexStringLower(bytes.AsSpan(bytes.Length - (16 * i), 16))}");
    }

    private static IEnumerable<UInt128> Segment(byte[] bytes)
    {
        var width = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        var left = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(48));
        var perBlock = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(56));
        for (var offset = 128; left > 0; left -= perBlock)
        {
            var count = Math.Min(perBlock, left);
            foreach (var key in Keys(bytes, offset, count))
            {
                yield return key;
            }

            offset += count * (17 + width);
        }
    }

    private static IEnumerable<UInt128> Log(byte[] bytes)
    {
        const int Header = 64;
        const int FrameHeader = 32;
        var width = bytes.Length < Header ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        for (var offset = Header; offset + FrameHeader <= bytes.Length;)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset + 4));
            var end = offset + FrameHeader + (count * (17 + width));
            if (end > bytes.Length)
            {
                break; // torn by the kill
            }

            foreach (var key in Keys(bytes, offset + FrameHeader, count))
            {
                yield return key;
            }

            offset = end;
        }
    }

    private static IEnumerable<UInt128> Keys(byte[] bytes, int offset, int count) => Enumerable.Range(0, count).Select(i => new UInt128(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset + (16 * i))),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset + (16 * i) + 8))));
}
