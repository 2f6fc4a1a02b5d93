using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

public sealed class RecordLimitTests
{
    private const string Good = """{"prompt":"a","completion":"b"}""";

    public static TheoryData<int, int> Sizes => new() { { 1_000, 1_001 }, { 1_000, 500_000 }, { 1_000, 5_000_000 }, { 3_000_000, 3_000_001 }, { 3_000_000, 20_000_000 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_line_above_the_limit_is_an_error_and_the_lines_around_it_are_read(int limit, int size)
    {
        var index = Reading.Of($"{Good}\n  {Record(size)}\n{Good}\n{Record(size)}", limit: limit);

        index.Lines.ShouldBe([1, 3]);
        index.Invalid.Select(error => (error.Code, error.Line)).ShouldBe([(DataCodes.RecordTooLarge, 2), (DataCodes.RecordTooLarge, 4)]);
        index.Invalid[0].Message.ShouldContain("DatasetMaxRecordBytes");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void So_is_an_element_of_an_array(int limit, int size)
    {
        var index = Reading.Of($"[\n{Good},\n  {Record(size)},\n{Good},\n{Record(size)}\n,{Good}]", limit: limit);

        index.Lines.ShouldBe([2, 4, 6]);
        index.Invalid.Select(error => (error.Code, error.Line, error.Column)).ShouldBe([(DataCodes.RecordTooLarge, 3, 3), (DataCodes.RecordTooLarge, 5, 1)]);
    }

    [Fact]
    public void A_bare_value_above_the_limit_does_not_stop_the_array_either()
    {
        var index = Reading.Of($"[{new string('1', 2_000_000)},{Good},\"{new string('x', 2_000)}\",{Good}]", limit: 1000);

        index.Count.ShouldBe(2);
        index.Invalid.ShouldAllBe(error => error.Code == DataCodes.RecordTooLarge);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_record_of_exactly_the_limit_is_read(int limit, int size)
    {
        size.ShouldBeGreaterThan(limit);
        Reading.Of($"{Record(limit)}\n{Record(limit)}", limit: limit).Count.ShouldBe(2);
        Reading.Of($"[{Record(limit)},{Record(limit)} ]", limit: limit).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[", "]")]
    public void A_huge_record_does_not_cost_its_size(string before, string after)
    {
        using var folder = new ScratchFolder();
        var path = folder.At("huge.jsonl");
        using (var file = new StreamWriter(path))
        {
            file.Write($"{before}{{\"prompt\":\"a\",\"completion\":\"");
            var block = new string('x', 1 << 20);
            for (var i = 0; i < 300; i++)
            {
                file.Write(block);
            }

            file.Write($"\"}}{after}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var index = Reading.OfFile(path, limit: 1 << 20);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        index.Invalid.ShouldHaveSingleItem().Code.ShouldBe(DataCodes.RecordTooLarge);
        allocated.ShouldBeLessThan(16 << 20);
    }

    [Fact]
    public void After_a_thousand_unreadable_records_the_rest_is_given_up_and_that_is_said()
    {
        var index = Reading.Of(string.Concat(Enumerable.Repeat("{}\n", ShardIndexer.MaxInvalid + 500)) + Good);

        index.Invalid.Count.ShouldBe(ShardIndexer.MaxInvalid + 1);
        index.Invalid[^1].Code.ShouldBe(DataCodes.TooManyInvalid);
    }

    private static string Record(int bytes)
    {
        const string start = """{"prompt":"a","completion":" """;
        var text = new StringBuilder(start);
        return text.Append('x', bytes - start.Length - 2).Append("\"}").ToString();
    }
}
