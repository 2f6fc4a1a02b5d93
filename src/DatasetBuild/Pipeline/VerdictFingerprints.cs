using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Remembers which verdicts stand in which file of the report, as hashes, so that only files with news are written.</summary>
internal static class VerdictFingerprints
{
    private const string Kind = "verdict-fingerprints";
    private const int Version = 1;
    private const long MaxBytes = 1 << 30;

    public static Dictionary<string, ulong> Load(string path)
    {
        var seen = new Dictionary<string, ulong>(StringComparer.Ordinal);
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
                    seen[reader.ReadString()] = reader.ReadUInt64();
                }
            }
            catch (Exception error) when (error is IOException or FormatException or ArgumentException)
            {
                seen.Clear();
            }

            return seen;
        }
    }

    public static void Save(string path, Dictionary<string, ulong> seen)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(seen.Count);
            foreach (var (file, fingerprint) in seen.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.Write(file);
                writer.Write(fingerprint);
            }
        }

        BlockFile.Write(path, Kind, Version, memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }
}
