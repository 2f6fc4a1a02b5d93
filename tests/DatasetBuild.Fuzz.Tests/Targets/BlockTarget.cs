using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Fuzz.Tests.Harness;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>The container of everything but scores. Another reading of FORMATS.md says what a file holds, or that it is a miss.</summary>
internal sealed class BlockTarget : FuzzTarget
{
    private const string Kind = "fuzz";
    private const int Version = 3;

    private string Path => Scratch.At("block.blk");

    public override string Name => "block";

    public override int ShortRun => 1200;

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var length in (int[])[0, 1, 700, 65536, 70_000, 131_072])
        {
            BlockFile.Write(Path, Kind, Version, [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))]);
            yield return File.ReadAllBytes(Path);
        }
    }

    public override byte[] Repair(byte[] input) => Blocks.Repair(input);

    public override string Run(byte[] input)
    {
        File.WriteAllBytes(Path, input);
        var warnings = new List<Diagnostic>();
        var expected = Blocks.Read(input, Kind, Version);
        var found = BlockFile.TryRead(Path, Kind, Version, 1 << 30, out var payload, warnings.Add);
        using (payload)
        {
            Checks.Holds(found == expected is not null, $"a file was {(found ? "read" : "missed")} that should not be");
            Checks.Holds(!found || payload!.Span.SequenceEqual(expected), "the payload is another");
        }

        Checks.Holds(warnings.Count <= 1 && (warnings.Count == 0 || !found), "there are warnings about what is right, or several");
        Checks.Holds(warnings.All(warning => warning.Code == CacheCodes.DamagedFile && warning.File == Path), "a warning of damage has another code or file");
        Span<byte> small = stackalloc byte[64];
        Checks.Holds(BlockFile.TryRead(Path, Kind, Version, small, out var length) == (expected?.Length <= 64) && length <= 64, "a payload was read into too little memory");
        var verdict = BlockFile.Check(Path);
        Checks.Holds(expected is null || verdict == FileVerdict.Good, "a good file counts as damaged");
        CheckRanges(input, expected);
        return $"{found} {warnings.Count} {verdict} {Checks.Bucket(expected?.Length ?? 0)}";
    }

    private void CheckRanges(byte[] input, byte[]? expected)
    {
        if (!BlockFile.TryOpen(Path, Kind, Version, out var reader))
        {
            return;
        }

        using (reader)
        {
            var random = new Random(input.Length);
            var range = new byte[200];
            for (var i = 0; i < 5; i++)
            {
                var offset = random.NextInt64(-10, reader.Length + 10);
                var wanted = range.AsSpan(0, random.Next(200));
                var read = reader.TryRead(offset, wanted);
                Checks.Holds(!read || (offset >= 0 && offset + wanted.Length <= reader.Length), "a range outside the payload was read");
                Checks.Holds(!read || expected is null || wanted.SequenceEqual(expected.AsSpan((int)offset, wanted.Length)), "a range holds something else");
            }
        }

        Checks.Holds(BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(32)) == reader.Length, "the length is another");
    }
}
