using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Which verdicts stand in a file of the report, as a hash.</summary>
internal sealed record VerdictFingerprint(string Path, ulong Hash);

/// <summary>Remembers which verdicts stand in which file of the report, so that only files with news are written.</summary>
internal static class VerdictFingerprints
{
    private const string Kind = "verdict-fingerprints";
    private const int Version = 1;
    private const long MaxBytes = 1 << 30;

    /// <summary>What was saved last, by path; empty where that cannot be read.</summary>
    public static Dictionary<string, VerdictFingerprint> Load(string path)
    {
        var seen = new Dictionary<string, VerdictFingerprint>(StringComparer.Ordinal);
        if (!BlockFile.TryRead(path, Kind, Version, MaxBytes, out var payload, null))
        {
            return seen;
        }

        using (payload)
        {
            using var reader = new BinaryReader(new MemoryStream(payload.Span.ToArray()), Encoding.UTF8);
            try
            {
                for (var count = reader.ReadInt32(); count > 0; count--)
                {
                    var file = new VerdictFingerprint(reader.ReadString(), reader.ReadUInt64());
                    seen[file.Path] = file;
                }
            }
            catch (Exception error) when (error is IOException or FormatException or ArgumentException)
            {
                seen.Clear();
            }

            return seen;
        }
    }

    public static void Save(string path, IReadOnlyCollection<VerdictFingerprint> files)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(files.Count);
            foreach (var file in files)
            {
                writer.Write(file.Path);
                writer.Write(file.Hash);
            }
        }

        BlockFile.Write(path, Kind, Version, memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }
}
