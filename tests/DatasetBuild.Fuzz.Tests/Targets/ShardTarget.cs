using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>
/// A whole shard. Errors lie in the file; lines are refused as JSON exactly where System.Text.Json refuses them; packed, or read with the index of another content
/// at hand, it reads the same.
/// </summary>
internal sealed class ShardTarget : FuzzTarget
{
    private const int Limit = 4096;
    private readonly ShardIndex other;

    public ShardTarget() => other = Index(Scratch.Write("other", Encoding.UTF8.GetBytes(string.Concat(SampleRecords.Lines.Take(9).Select(line => line + "\n")))), null);

    public override string Name => "shard";

    public override int ShortRun => 600;

    public override IReadOnlyList<string> Words { get; } = ["\n", "\r\n", "[", "]", "{}", ",", "\ufeff", " ", "\t", "\"", "\\", "\u0000", .. SampleRecords.Lines];

    public override IEnumerable<byte[]> Seeds()
    {
        var lines = SampleRecords.Lines.Take(9).ToList();
        yield return Encoding.UTF8.GetBytes(string.Join('\n', lines));
        yield return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n")));
        yield return Encoding.UTF8.GetBytes("[" + string.Join(",\n ", lines) + "]\n");
        yield return Pack(Encoding.UTF8.GetBytes(string.Join('\n', lines)), 1 << 20);
    }

    // Buffers of a MiB and GZipStream's own are rented once and more.
    public override long MayAllocate(int length) => (64L << 20) + (2000L * length);

    public override string Run(byte[] input)
    {
        var path = Scratch.Write("shard", input);
        ShardIndex index;
        try
        {
            index = Index(path, null);
        }
        catch (IOException)
        {
            Checks.Holds(IsPacked(input), "a plain file was called unreadable");
            return "unreadable";
        }

        Checks.Holds(IsPacked(input) || index.Invalid.All(invalid => invalid.Code != DataCodes.UnreadableShard), "a plain file was called damaged");

        Same(index, Index(path, other), "with an earlier index");
        if (!index.IsGzip)
        {
            CheckPlaces(input, index);
            if (index.Container == Container.Lines)
            {
                CheckLines(input, index);
            }

            // Short pieces end anywhere: in an escape, in a character, between the bytes of a line's end.
            Same(index, Index(Scratch.Write("packed", Pack(input, 7)), null), "packed");
        }

        return $"{index.Container} {index.IsGzip} {index.DialectSet} {Checks.Bucket(index.Count)} {string.Join(' ', index.Invalid.Select(invalid => invalid.Code).Distinct())}";
    }

    private static bool IsPacked(byte[] input) => input.AsSpan().StartsWith<byte>([0x1f, 0x8b]);

    private static ShardIndex Index(string path, ShardIndex? previous) =>
        ShardIndexer.Read(path, ShapeOptions.Detect, Limit, null, CancellationToken.None, previous: previous).Index;

    private static void Same(ShardIndex one, ShardIndex two, string how)
    {
        Checks.Holds(
            one.Keys.AsSpan().SequenceEqual(two.Keys) && one.Offsets.AsSpan().SequenceEqual(two.Offsets) && one.Lengths.AsSpan().SequenceEqual(two.Lengths) && one.Lines.AsSpan().SequenceEqual(two.Lines)
            && one.ContentHashes.AsSpan().SequenceEqual(two.ContentHashes) && one.Instances.AsSpan().SequenceEqual(two.Instances) && one.FieldSet == two.FieldSet && one.Container == two.Container,
            $"{how} the records are others");
        Checks.Holds(one.Invalid.SequenceEqual(two.Invalid), $"{how} the errors are others");
    }

    private static void CheckPlaces(byte[] input, ShardIndex index)
    {
        var lines = input.AsSpan().Count((byte)'\n') + 1;
        foreach (var invalid in index.Invalid)
        {
            Checks.Holds(invalid.Line >= 1 && invalid.Line <= lines && invalid.Column >= 1 && invalid.Column <= input.Length + 1, "an error lies outside the file");
            Checks.Holds(Checks.IsCode(invalid.Code, '1') && invalid.Message.Length > 0, "an error has no code or no text");
        }

        for (var i = 0; i < index.Count; i++)
        {
            Checks.Holds(index.Offsets[i] >= 0 && index.Lengths[i] > 0 && index.Lengths[i] <= Limit && index.Offsets[i] + index.Lengths[i] <= input.Length, "a record lies outside the file");
            Checks.Holds(index.Lines[i] >= 1 && index.Lines[i] <= lines, "a record's line is not in the file");
            Checks.Holds(IsRecord(input.AsSpan((int)index.Offsets[i], index.Lengths[i])), "a record is no JSON");
        }
    }

    private static void CheckLines(byte[] input, ShardIndex index)
    {
        if (index.Invalid.Any(invalid => invalid.Code is DataCodes.ForeignFormat or DataCodes.ConfigurationFile))
        {
            return;
        }

        var start = input.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
        var number = 1;
        var refused = index.Invalid.ToLookup(invalid => invalid.Line);
        foreach (var range in input.AsSpan(start).Split((byte)'\n'))
        {
            var line = input.AsSpan(start)[range].Trim(" \t\r"u8);
            var codes = refused[number++].Select(invalid => invalid.Code).ToList();
            Checks.Holds(codes.Count <= 1, "a line was refused twice");
            if (!line.IsEmpty)
            {
                Checks.Holds(line.Length > Limit == codes.Contains(DataCodes.RecordTooLarge), "the limit of a record is another");
                Checks.Holds(IsRecord(line) || codes.Count == 1, $"line {number - 1} is no JSON and was not refused");
                Checks.Holds(!IsRecord(line) || !(codes.Contains(DataCodes.InvalidJson) || codes.Contains(DataCodes.InvalidUtf8)), $"line {number - 1} is JSON and was refused as none");
            }
        }
    }

    private static bool IsRecord(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 128 });
        try
        {
            while (reader.Read())
            {
            }

            return Utf8.IsValid(line);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Pack(byte[] bytes, int flushEvery)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var at = 0; at < bytes.Length; at += flushEvery)
            {
                gzip.Write(bytes, at, Math.Min(flushEvery, bytes.Length - at));
                gzip.Flush();
            }
        }

        return packed.ToArray();
    }
}
