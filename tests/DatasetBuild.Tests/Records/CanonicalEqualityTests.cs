using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>What a key depends on: all that a model could see, and nothing else.</summary>
public sealed class CanonicalEqualityTests
{
    private const string Base = """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""";

    [Theory]
    [InlineData("""{"conversations":[{"from":"human","value":"What is 1+1?"},{"from":"gpt","value":"2"}]}""")]
    [InlineData("""{"conversations":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("""{"instruction":"What is 1+1?","output":"2"}""")]
    [InlineData("""{"instruction":"What is 1+1?","input":"","output":"2"}""")]
    [InlineData("""{"instruction":"What is 1+1?","input":null,"response":"2"}""")]
    [InlineData("""{"instruction":"What is 1+1?","input":"","output":"2","history":[]}""")]
    [InlineData("""{"prompt":"What is 1+1?","completion":"2"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"What is 1+1?"}],"completion":[{"role":"assistant","content":"2"}]}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"What is 1+1?"}],"completion":"2"}""")]
    [InlineData("""{"question":"What is 1+1?","answer":"2"}""")]
    [InlineData("""{"question":"What is 1+1?","response":"2"}""")]
    [InlineData("""{"instruction":"What is 1+1?","instances":[{"input":"","output":"2"}]}""")]
    [InlineData("""{"instruction":"What is 1+1?","instances":[{"output":"2"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"What is 1+1?"}]},{"role":"assistant","content":[{"type":"text","value":"2"}]}]}""")]
    [InlineData("""{"messages":[{"role":"human","content":["What is 1+1?"]},{"role":"model","content":"2"}]}""")]
    public void The_same_content_has_one_key_in_every_dialect(string record) => Reading.Key(record).ShouldBe(Reading.Key(Base));

    [Theory]
    [InlineData("""{ "messages" : [ { "content" : "What is 1+1?" , "role" : "user" } , {"content":"2","role":"assistant"} ] }""")]
    [InlineData("""{"messages":[{"role":"user","content":"\u0057hat\u0020is 1\u002b1?"},{"role":"assistant","content":"\u0032"}]}""")]
    [InlineData("""{"m\u0065ssages":[{"r\u006fle":"us\u0065r","c\u006fntent":"What is 1+1?"},{"role":"\u0061ssistant","content":"2"}]}""")]
    [InlineData("""{"id":7,"meta":{"messages":[1,[2]]},"messages":[{"role":"user","content":"What is 1+1?","ts":1},{"role":"assistant","content":"2"}],"score":0.5}""")]
    [InlineData("""{"messages":[{"role":"user","content":"What is 1+1?","loss_weight":0},{"role":"assistant","content":"2","loss_weight":1.0}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"What is 1+1?","name":null},{"role":"assistant","content":"2","tool_calls":null}],"tools":null,"system":null}""")]
    [InlineData("""{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2","tool_calls":[ ]}],"tools":[ ]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"}],"tools":"[]"}""")]
    public void What_no_model_sees_is_not_in_the_key(string record) => Reading.Key(record).ShouldBe(Reading.Key(Base));

    [Theory]
    [InlineData("another text", """{"messages":[{"role":"user","content":"What is 1+1? "},{"role":"assistant","content":"2"}]}""")]
    [InlineData("another role", """{"messages":[{"role":"system","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("developer is not system", """{"messages":[{"role":"developer","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("a tool speaks", """{"messages":[{"role":"tool","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("a name", """{"messages":[{"role":"user","name":"Ann","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("a system turn", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"}]}""")]
    [InlineData("tools", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"}],"tools":[{"name":"add"}]}""")]
    [InlineData("a tool call", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2","tool_calls":[{"id":"1"}]}]}""")]
    [InlineData("a tool call id", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2","tool_call_id":"1"}]}""")]
    [InlineData("a loss weight", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2","loss_weight":0}]}""")]
    [InlineData("a loss weight of the user", """{"messages":[{"role":"user","content":"What is 1+1?","weight":1},{"role":"assistant","content":"2"}]}""")]
    [InlineData("reasoning", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2","reasoning_content":"easy"}]}""")]
    [InlineData("one turn more", """{"messages":[{"role":"user","content":"What is 1+1?"},{"role":"assistant","content":"2"},{"role":"user","content":""}]}""")]
    [InlineData("the turns the other way", """{"messages":[{"role":"assistant","content":"2"},{"role":"user","content":"What is 1+1?"}]}""")]
    [InlineData("two parts", """{"messages":[{"role":"user","content":["What is ","1+1?"]},{"role":"assistant","content":"2"}]}""")]
    [InlineData("an input", """{"instruction":"What is","input":"1+1?","output":"2"}""")]
    [InlineData("an input behind a blank", """{"instruction":"What is ","input":"1+1?","output":"2"}""")]
    [InlineData("history", """{"instruction":"What is 1+1?","output":"2","history":[["hi","hello"]]}""")]
    [InlineData("raw text", """{"text":"What is 1+1?2"}""")]
    public void What_a_model_sees_is_in_the_key(string difference, string record)
    {
        difference.ShouldNotBeEmpty();
        Reading.Key(record).ShouldNotBe(Reading.Key(Base));
    }

    [Fact]
    public void Where_the_instruction_ends_and_the_input_begins_counts() =>
        Reading.Key("""{"instruction":"ab","input":"c","output":"d"}""").ShouldNotBe(Reading.Key("""{"instruction":"a","input":"bc","output":"d"}"""));

    [Fact]
    public void A_system_field_is_a_system_turn() =>
        Reading.Key("""{"system":"Be brief.","instruction":"a","output":"b"}""")
            .ShouldBe(Reading.Key("""{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"""));

    [Fact]
    public void History_is_the_turns_before() =>
        Reading.Key("""{"history":[["a","b"],["c","d"]],"instruction":"e","output":"f","system":"s"}""")
            .ShouldBe(Reading.Key("""{"system":"s","conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"},{"from":"human","value":"c"},{"from":"gpt","value":"d"},{"from":"human","value":"e"},{"from":"gpt","value":"f"}]}"""));

    [Fact]
    public void Tools_are_the_same_as_an_array_and_as_a_string_of_it() =>
        Reading.Key("""{"conversations":[{"from":"human","value":"a"}],"tools":"[{\"name\": \"f\", \"n\": [1, 2]}]"}""")
            .ShouldBe(Reading.Key("""{"conversations":[{"from":"human","value":"a"}],"tools":[ { "name":"f","n":[1,2]}]}"""));

    [Fact]
    public void A_shareGpt_function_call_is_a_tool_call_and_an_observation_is_a_tool()
    {
        var index = Reading.Of("""{"conversations":[{"from":"function_call","value":"f()"},{"from":"observation","value":"1"}]}""");

        index.Keys[0].ShouldBe(Reading.Key("""{"messages":[{"role":"tool_call","content":"f()"},{"role":"tool","content":"1"}]}"""));
        index.Keys[0].ShouldNotBe(Reading.Key("""{"messages":[{"role":"assistant","content":"f()"},{"role":"tool","content":"1"}]}"""));
    }

    [Fact]
    public void Declared_fields_are_read_as_their_role()
    {
        var expected = Reading.Key("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""");

        Reading.Key("""{"q":"a","a":"b","sys":"s"}""", new ShapeOptions(PromptField: "q", ResponseField: "a", SystemField: "sys")).ShouldBe(expected);
        Reading.Key("""{"dialogue":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"system":"s"}""", new ShapeOptions(MessagesField: "dialogue")).ShouldBe(expected);
        Reading.Key("""{"prompt":"a","completion":"b","system":"s","text":"other"}""", new ShapeOptions(Dialect: Dialect.PromptCompletion)).ShouldBe(expected);
        Reading.Key("""{"body":"a"}""", new ShapeOptions(TextField: "body")).ShouldBe(Reading.Key("""{"text":"a"}"""));
    }
}
