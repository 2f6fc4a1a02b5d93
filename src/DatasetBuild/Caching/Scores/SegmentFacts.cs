using System.Buffers.Binary;

namespace DatasetBuild.Caching;

/// <summary>What a segment says of itself, for a summary of the cache that knows neither its identity nor its width beforehand.</summary>
internal sealed record SegmentFacts(long Entries, IReadOnlyList<Guid> Replaces)
{
    internal static SegmentFacts? TryRead(string path)
    {
        try
        {
            using var handle = CacheFiles.OpenRead(path);
            var head = new byte[SegmentHeader.Size];
            if (handle is null || !CacheFiles.TryReadExactly(handle, head, 0))
            {
                return null;
            }

            // Asked for with what it claims to be; whether that holds together is checked all the same.
            var width = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
            if (width is < 1 or > 256 || ScoreSegment.TryOpen(path, head.AsSpan(16, 32), width, out var segment) != FileVerdict.Good)
            {
                return null;
            }

            using (segment)
            {
                return new SegmentFacts(segment!.Count, segment.Replaces);
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return null;
        }
    }
}
