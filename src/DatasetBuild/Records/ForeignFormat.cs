namespace DatasetBuild.Records;

/// <summary>Recognises files that hold data in another format than JSON, by their first bytes: so that one refusal names what is there.</summary>
internal static class ForeignFormat
{
    /// <summary>The refusal, or null where the file is something else. Asked only after no record was found.</summary>
    public static string? Refusal(string path)
    {
        using var stream = new ShardStream(path, digest: false);
        var head = new byte[64];
        var length = 0;
        for (int some; length < head.Length && (some = stream.Read(head.AsSpan(length))) > 0; length += some)
        {
        }

        var start = head.AsSpan(0, length);
        return start.StartsWith("PAR1"u8) ? "this is a Parquet file. Export it as JSON Lines, for instance with to_json(path, lines=True)."
            : start.StartsWith("PK\u0003\u0004"u8) ? "this is a zip archive. Unpack it."
            : start.StartsWith("ARROW1"u8) ? "this is an Arrow file. Export it as JSON Lines."
            : start.StartsWith("version https://git-lfs"u8) ? "this is a Git LFS pointer, not the data. Fetch the data with `git lfs pull`."
            : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "this is packed with Zstandard. Unpack it, or pack it with gzip."
            : start.StartsWith("BZh"u8) ? "this is packed with bzip2. Unpack it, or pack it with gzip."
            : start.StartsWith((ReadOnlySpan<byte>)[0xfd, .. "7zXZ"u8, 0]) ? "this is packed with xz. Unpack it, or pack it with gzip."
            : start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "this is packed with gzip twice. Unpack it once."
            : start.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || start.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]) ? "this is text in UTF-16. Save it as UTF-8."
            : null;
    }
}
