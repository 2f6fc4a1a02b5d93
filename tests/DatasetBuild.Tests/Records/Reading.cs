using System.IO.Compression;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>Reads bytes as a shard, the way a build does.</summary>
internal static class Reading
{
    public const int Limit = 64 << 20;

    public static ShardIndex Of(string text, ShapeOptions? shape = null, int limit = Limit) => Of(Encoding.UTF8.GetBytes(text), shape, limit);

    public static ShardIndex Of(ReadOnlySpan<byte> bytes, ShapeOptions? shape = null, int limit = Limit, string name = "shard.jsonl")
    {
        using var folder = new ScratchFolder();
        return OfFile(folder.Write(name, bytes), shape, limit);
    }

    public static ShardIndex OfFile(string path, ShapeOptions? shape = null, int limit = Limit) =>
        ShardIndexer.Read(path, shape ?? ShapeOptions.Detect, limit, null, CancellationToken.None).Index;

    /// <summary>The key of the only record.</summary>
    public static RecordKey Key(string record, ShapeOptions? shape = null)
    {
        var index = Of(record, shape);
        index.Invalid.ShouldBeEmpty();
        return index.Keys.ShouldHaveSingleItem();
    }

    /// <summary>The only error, when nothing can be read.</summary>
    public static InvalidRecord Error(string text, ShapeOptions? shape = null, int limit = Limit) => Error(Encoding.UTF8.GetBytes(text), shape, limit);

    public static InvalidRecord Error(ReadOnlySpan<byte> bytes, ShapeOptions? shape = null, int limit = Limit)
    {
        var index = Of(bytes, shape, limit);
        index.Count.ShouldBe(0);
        return index.Invalid.ShouldHaveSingleItem();
    }

    public static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
