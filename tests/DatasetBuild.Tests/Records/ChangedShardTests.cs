using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tests.Selection;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Records;

/// <summary>
/// A shard that changed is read with the help of its previous index. Whatever was changed, the index is the one that reading all of it gives; and of a
/// large shard with a small change hardly anything is parsed again.
/// </summary>
public sealed class ChangedShardTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_index_is_that_of_reading_all_of_it() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(Seeds.Any, seed =>
        {
            var random = new Random(seed);
            var lines = Enumerable.Range(0, random.Next(1, 400)).Select(_ => Line(random)).ToList();
            var previous = Read(Bytes(lines, random), null).Index;
            for (var step = 0; step < 4; step++)
            {
                Edit(lines, random);
                var bytes = Bytes(lines, random);
                var changed = Read(bytes, Kept(previous));

                ShouldBeSame(changed.Index, Read(bytes, null).Index);
                foreach (var run in changed.Known)
                {
                    changed.Index.Keys.AsSpan(run.First, run.Count).SequenceEqual(previous.Keys.AsSpan(run.Previous, run.Count)).ShouldBeTrue();
                }

                previous = changed.Index;
            }
        }));

    [Theory]
    [InlineData("edit")]
    [InlineData("delete")]
    [InlineData("insert")]
    [InlineData("append")]
    [InlineData("move")]
    public void Hardly_anything_is_parsed_again(string change)
    {
        var lines = Enumerable.Range(0, 3000).Select(i => $$"""{"prompt":"p{{i}}","completion":"{{new string('x', 500)}}"}""").ToList();
        var previous = Read(Join(lines), null).Index;
        switch (change)
        {
            case "edit":
                lines[1700] = lines[1700].Replace("x\"", "y\"", StringComparison.Ordinal);
                break;
            case "delete":
                lines.RemoveRange(1200, 3);
                break;
            case "insert":
                lines.Insert(700, """{"prompt":"new","completion":"new"}""");
                break;
            case "append":
                lines.Add("""{"prompt":"new","completion":"new"}""");
                break;
            case "move":
                var moved = lines.GetRange(2000, 600);
                lines.RemoveRange(2000, 600);
                lines.InsertRange(100, moved);
                break;
        }

        var changed = Read(Join(lines), Kept(previous));

        ShouldBeSame(changed.Index, Read(Join(lines), null).Index);
        changed.Known.Sum(run => run.Count).ShouldBeGreaterThan(2000);
        Read(Join(lines), null).Known.ShouldBeEmpty();
    }

    [Fact]
    public void Equal_tags_need_equal_bytes_and_the_same_key()
    {
        var bytes = Encoding.UTF8.GetBytes(new string('a', 70_000));
        using var tagger = PassageTagger.TryCreate()!;
        using var same = new PassageTagger(tagger.Key);
        using var other = PassageTagger.TryCreate()!;

        var tag = tagger.Tag(bytes);

        same.Tag(bytes).ShouldBe(tag);
        other.Tag(bytes).ShouldNotBe(tag);
        tagger.Tag(bytes.AsSpan(1)).ShouldNotBe(tag);
        bytes[65_000] ^= 1;
        tagger.Tag(bytes).ShouldNotBe(tag);
    }

    private static string Line(Random random) => random.Next(12) switch
    {
        0 => "",
        1 => "  \t",
        2 => """{"prompt": 1}""",
        3 => """{"instruction":"i","instances":[{"input":"a","output":"b"},{"input":"c","output":"d"}]}""",
        4 => $$"""  {"messages":[{"role":"user","content":"{{random.Next(20)}}"},{"role":"assistant","content":"a"}]} """,
        5 => $$"""{"text":"{{new string('t', random.Next(100_000))}}"}""",
        6 => $$"""{"question":"q","answer":"{{random.Next(5)}}","id":{{random.Next()}}}""",
        _ => $$"""{"prompt":"p{{random.Next(1000)}}","completion":"{{new string('c', random.Next(4000))}}"}""",
    };

    private static void Edit(List<string> lines, Random random)
    {
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(lines.Count);
            switch (random.Next(6))
            {
                case 0:
                    lines[at] = Line(random);
                    break;
                case 1 when lines.Count > 1:
                    lines.RemoveRange(at, random.Next(1, Math.Min(60, lines.Count - at + 1)));
                    lines.Add(Line(random));
                    break;
                case 2:
                    lines.Insert(at, Line(random));
                    break;
                case 3:
                    lines.AddRange(lines.GetRange(at, random.Next(0, Math.Min(80, lines.Count - at))));
                    break;
                case 4:
                    var half = lines.GetRange(0, at);
                    lines.RemoveRange(0, at);
                    lines.AddRange(half);
                    break;
                default:
                    lines.Add(Line(random));
                    break;
            }
        }
    }

    private static byte[] Join(List<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static byte[] Bytes(List<string> lines, Random random)
    {
        var text = string.Join(random.Next(5) == 0 ? "\r\n" : "\n", lines) + (random.Next(3) == 0 ? "" : "\n");
        byte[] bytes = [.. random.Next(6) == 0 ? new byte[] { 0xef, 0xbb, 0xbf } : [], .. Encoding.UTF8.GetBytes(text)];
        return random.Next(8) == 0 ? Reading.Gzip(bytes) : bytes;
    }

    private IndexedShard Read(byte[] bytes, ShardIndex? previous) =>
        ShardIndexer.Read(folder.Write("shard.jsonl", bytes), ShapeOptions.Detect, Reading.Limit, null, CancellationToken.None, previous: previous);

    /// <summary>The index as the next build finds it in the cache; null where it has nothing to offer.</summary>
    private ShardIndex? Kept(ShardIndex index)
    {
        var derived = new DerivedData(folder.At("cache"), diagnostic => throw new InvalidOperationException(diagnostic.ToString()));
        var hash = new byte[32];
        ShardIndexFile.Write(derived, hash, index).ShouldBeTrue();
        ShouldBeSame(ShardIndexFile.TryOpen(derived, hash, () => throw new InvalidOperationException("damaged"))!, index);
        return ShardIndexFile.TryLoad(derived, hash);
    }

    private static void ShouldBeSame(ShardIndex index, ShardIndex expected)
    {
        index.Count.ShouldBe(expected.Count);
        index.Keys.ShouldBe(expected.Keys);
        index.ContentHashes.ShouldBe(expected.ContentHashes);
        index.Lengths.ShouldBe(expected.Lengths);
        index.Instances.ShouldBe(expected.Instances);
        index.Traits.ShouldBe(expected.Traits);
        index.Dialects.ShouldBe(expected.Dialects);
        index.Offsets.ShouldBe(expected.Offsets);
        index.Lines.ShouldBe(expected.Lines);
        index.FirstLine.ShouldBe(expected.FirstLine);
        Enumerable.Range(0, index.Count).Select(index.LineOf).ShouldBe(expected.Lines);
        (index.Container, index.IsGzip, index.DialectSet, index.FieldSet).ShouldBe((expected.Container, expected.IsGzip, expected.DialectSet, expected.FieldSet));
        index.Invalid.ShouldBe(expected.Invalid);
    }
}
