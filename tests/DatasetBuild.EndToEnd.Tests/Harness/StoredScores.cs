using System.Buffers.Binary;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// Which scores a cache holds, in segments and in the logs of dead processes, read after the description of the formats alone: what stands here a
/// build must not compute again. Trusts every checksum, since only kills happen to these files.
/// </summary>
internal static class StoredScores
{
    /// <summary>Each score's identity and record key.</summary>
    public static HashSet<(string Identity, UInt128 Key)> In(string cachePath)
    {
        var found = new HashSet<(string, UInt128)>();
        foreach (var file in SampleProject.FilesUnder(Path.Combine(cachePath, "scores")))
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
    /// Whether a scorer whose identity speaks of <paramref name="scorer"/> is at work and has committed a batch. The logs of a quick stage before it are
    /// sealed and gone by then.
    /// </summary>
    public static bool AreCommitted(string cachePath, string scorer)
    {
        var scores = new DirectoryInfo(Path.Combine(cachePath, "scores"));
        return scores.Exists && scores.EnumerateFiles("log-*.log", SearchOption.AllDirectories)
            .Any(log => File.ReadAllText(Path.Combine(log.DirectoryName!, "identity.txt")).Contains(scorer, StringComparison.OrdinalIgnoreCase)
                && log is { Exists: true, Length: > 64 });
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
