using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>
/// Records that lie across the refills of the reader's buffer (1 MiB) are read as any other. The oracle is System.Text.Json over the whole
/// text, and its own reading of what the conversation is.
/// </summary>
public sealed class BufferBoundaryTests
{
    private static readonly string[] Pieces = ["a", "\\\\", "\\\"", "\\n", "é", "€", "😀", "\\u00e9", "\\ud83d\\ude00", "]", "}", "{", "[", ",", " ", "xyz", "\\/"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Records_are_the_same_wherever_the_buffer_ends(int seed)
    {
        var random = new Random(seed);
        var records = Enumerable.Range(0, 60).Select(_ => RandomRecord(random)).ToList();
        var lines = Encoding.UTF8.GetBytes(string.Concat(records.Select(record => record + (random.Next(4) == 0 ? "\r\n" : "\n"))));
        var array = Encoding.UTF8.GetBytes("[" + string.Join(random.Next(2) == 0 ? "," : " ,\n  ", records) + "]");
        lines.Length.ShouldBeGreaterThan(3 << 20);

        foreach (var bytes in (byte[][])[lines, array])
        {
            Check(bytes, bytes, records);
            Check(Reading.Gzip(bytes), bytes, records);
        }
    }

    [Theory]
    [InlineData("\\")]
    [InlineData("\"")]
    [InlineData("é")]
    [InlineData("😀")]
    public void Any_byte_may_be_the_last_of_a_refill(string piece)
    {
        // The piece moves over the end of the first MiB, byte by byte.
        var escaped = piece is "\\" or "\"" ? "\\" + piece : piece;
        for (var shift = -6; shift <= 6; shift++)
        {
            const string start = """[{"prompt":"p","completion":" """;
            var padding = new string('x', (1 << 20) - start.Length + shift);
            List<string> records = [$"{start[1..]}{padding}{escaped}{escaped}{escaped}\"}}", """{"prompt":"q","completion":"r"}"""];
            var array = Encoding.UTF8.GetBytes($"[{string.Join(',', records)}]");
            Check(array, array, records);
            var lines = Encoding.UTF8.GetBytes(string.Join('\n', records));
            Check(lines, lines, records);
        }
    }

    private static void Check(byte[] file, byte[] content, List<string> records)
    {
        using var folder = new ScratchFolder();
        var path = folder.Write("shard", file);
        var index = Reading.OfFile(path);

        index.Invalid.ShouldBeEmpty();
        index.Count.ShouldBe(records.Count);
        using var fetcher = new RecordFetcher(path, index.IsGzip);
        using var parser = new ConversationParser(ShapeOptions.Detect);
        for (var i = 0; i < records.Count; i++)
        {
            var expected = JsonNode.Parse(records[i])!;
            var own = content.AsSpan((int)index.Offsets[i], index.Lengths[i]);
            (Encoding.UTF8.GetString(own) == records[i]).ShouldBeTrue();

            var fetched = fetcher.Fetch(index.Offsets[i], index.Lengths[i]);
            fetched.SequenceEqual(own).ShouldBeTrue();
            parser.Parse(fetched);
            var texts = new List<string>();
            foreach (var text in new Conversation(parser.Canonical(fetched)).Texts(Part.Record))
            {
                texts.Add(Encoding.UTF8.GetString(text));
            }

            // Compared without a message: the texts are long, and a message about them takes seconds to make.
            texts.SequenceEqual([(string)expected["prompt"]!, (string)expected["completion"]!]).ShouldBeTrue();
        }
    }

    private static string RandomRecord(Random random)
    {
        var prompt = RandomText(random, random.Next(200));
        var completion = RandomText(random, random.Next(6) == 0 ? random.Next(700_000) : random.Next(2_000));
        var record = $"{{\"prompt\":\"{prompt}\",\"id\":{random.Next()},\"completion\":\"{completion}\"}}";
        JsonSerializer.Deserialize<JsonElement>(record).ValueKind.ShouldBe(JsonValueKind.Object);
        return record;
    }

    private static string RandomText(Random random, int pieces)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pieces; i++)
        {
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }

        return text.ToString();
    }
}
