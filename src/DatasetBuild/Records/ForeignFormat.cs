using System.Text;

namespace DatasetBuild.Records;

/// <summary>Recognises files that hold something else than what is looked for, by their first bytes: so that one refusal names what is there.</summary>
internal static class ForeignFormat
{
    /// <summary>The refusal of a shard, or null where the file is something else. Asked only after no record was found.</summary>
    public static string? Refusal(string path)
    {
        using var stream = new ShardStream(path, digest: false);
        var head = new byte[64];
        var length = 0;
        for (int some; length < head.Length && (some = stream.Read(head.AsSpan(length))) > 0; length += some)
        {
        }

        return Of(head.AsSpan(0, length)) is not var (what, remedy) ? null
            : what == Gzip ? "this is packed with gzip twice. Unpack it once."
            : $"this is {what}. {remedy ?? "Export it as JSON Lines, for instance with to_json(path, lines=True)."}";
    }

    /// <summary>What a file is that starts like this, and what to do with it if anything helps; null where that cannot be told.</summary>
    public static (string What, string? Remedy)? Of(ReadOnlySpan<byte> start) =>
        start.StartsWith("PAR1"u8) ? ("a Parquet file", null)
        : start.StartsWith("PK\u0003\u0004"u8) ? ("a zip archive", "Unpack it.")
        : start.StartsWith("ARROW1"u8) ? ("an Arrow file", null)
        : start.StartsWith("version https://git-lfs"u8) ? ("a Git LFS pointer, not the data", "Fetch the data with `git lfs pull`.")
        : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? ("packed with Zstandard", "Unpack it.")
        : start.StartsWith("BZh"u8) ? ("packed with bzip2", "Unpack it.")
        : start.StartsWith((ReadOnlySpan<byte>)[0xfd, .. "7zXZ"u8, 0]) ? ("packed with xz", "Unpack it.")
        : start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? (Gzip, "Unpack it.")
        : IsUtf16(start) ? ("text in UTF-16", "Save it as UTF-8.")
        : IsPage(start) ? ("a web page", "Look at it in a browser: it may be a page to log in, or one about the file. Download the file itself.")
        : null;

    private const string Gzip = "packed with gzip";

    /// <summary>With its mark, or, without one, a bracket or a brace of two bytes.</summary>
    private static bool IsUtf16(ReadOnlySpan<byte> start) =>
        start is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] or [(byte)'{' or (byte)'[', 0, ..] or [0, (byte)'{' or (byte)'[', ..];

    private static bool IsPage(ReadOnlySpan<byte> start)
    {
        var text = Encoding.UTF8.GetString(start[..Math.Min(start.Length, 64)]).TrimStart('\uFEFF').TrimStart();
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }
}
