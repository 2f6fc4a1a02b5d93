using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

public sealed class SelfInstructTests
{
    private const string Line = """{"id":"t","instruction":"Add.","instances":[ {"input":"1 1","output":"2"}, {"input":"","output":"nothing"} ],"is_classification":false}""";

    [Fact]
    public void Several_instances_of_one_line_are_several_records()
    {
        var index = Reading.Of($"{Line}\n");

        index.Keys.ShouldBe([
            Reading.Key("""{"instruction":"Add.","input":"1 1","output":"2"}"""),
            Reading.Key("""{"instruction":"Add.","output":"nothing"}"""),
        ]);
        index.Instances.ShouldBe([(ushort)0, (ushort)1]);
        index.Lines.ShouldBe([1, 1]);
        index.Traits.ShouldAllBe(traits => traits.HasFlag(RecordTraits.SharesLine));
    }

    [Fact]
    public void The_line_of_one_instance_is_the_line_with_the_others_left_out()
    {
        using var parser = new ConversationParser(ShapeOptions.Detect);
        var json = Encoding.UTF8.GetBytes(Line);
        parser.Parse(json);
        for (var number = 0; number < 2; number++)
        {
            var written = new ArrayBufferWriter<byte>();
            parser.WriteInstance(json, number, written);

            var expected = JsonNode.Parse(Line)!;
            expected["instances"]!.AsArray().RemoveAt(1 - number);
            JsonNode.DeepEquals(JsonNode.Parse(written.WrittenSpan), expected).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_mistake_in_the_second_instance_takes_the_whole_line()
    {
        var error = Reading.Error("""{"instruction":"a","instances":[{"output":"b"},{"output":"\ud800"}]}""");

        (error.Code, error.Line, error.Column).ShouldBe((DataCodes.LoneSurrogate, 1, 59));
    }
}
