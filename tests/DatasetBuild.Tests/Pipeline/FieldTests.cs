using System.Globalization;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Fields of the raw record, which never enter the store.</summary>
public sealed class FieldTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public FieldTests() => project = new TestProject(folder.At("clone"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_field_may_lie_in_an_object_or_bear_a_dot_in_its_name()
    {
        Write("""{"meta":{"q":1}}""", """{"meta.q":2}""", """{"meta":{"q":3},"meta.q":-1}""", """{"meta":[{"q":9}]}""", """{"meta":7}""");
        project.Stage("Quality", ("Kind", "Column"), ("Field", "meta.q"), ("Min", "1"));

        project.Build();

        Kept().ShouldBe([0, 1]);
    }

    [Fact]
    public void In_compares_texts_exactly_and_numbers_as_numbers()
    {
        Write("""{"q":"1"}""", """{"q":1.0}""", """{"q":10e-1}""", """{"q":"A"}""", """{"q":"a"}""", """{"q":true}""", """{"q":"\u0061"}""", """{"q":"é"}""");
        project.Stage("Column", ("Field", "q"), ("In", "1, a;true;é"));

        project.Build();

        Kept().ShouldBe([0, 1, 2, 4, 5, 6, 7]);
    }

    [Fact]
    public void A_value_that_stands_for_no_text_is_missing_and_no_crash()
    {
        Write("""{"q":"\ud800"}""", """{"q":"a"}""", """{"\u0071":"a"}""", """{"m":{"\ud800":1},"q":"a"}""");
        project.Stage("Column", ("Field", "q"), ("In", "a"));
        project.Stage("Other", ("Kind", "Column"), ("Field", "m.x"), ("Min", "1"), ("Missing", "Keep"));

        project.Build()["Column"].Missing.ShouldBe(1);

        Kept().ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData("Keep", "2")]
    [InlineData("Keep", "50%")]
    [InlineData("Band", "25%..75%")]
    public void Keep_and_Band_hold_for_each_group(string parameter, string value)
    {
        string[] groups = ["\"x\"", "\"x\"", "\"x\"", "\"x\"", "7", "7", "7", "7", "true", "true", "true", "true"];
        Write([.. groups.Select((group, i) => $$"""{"group":{{group}},"q":{{i % 4}}}""")]);
        project.Stage("Column", ("Field", "q"), (parameter, value), ("GroupBy", "group"));

        project.Build();

        int[] places = parameter == "Band" ? [1, 2] : [2, 3];
        Kept().ShouldBe(places.Concat(places.Select(place => 4 + place)).Concat(places.Select(place => 8 + place)));
    }

    [Fact]
    public void A_group_that_is_too_small_is_warned_of_and_records_without_a_group_are_missing()
    {
        Write("""{"group":"x","q":1}""", """{"group":"y","q":1}""", """{"group":"y","q":2}""", """{"q":3}""", """{"group":{},"q":4}""");
        project.Stage("Column", ("Field", "q"), ("Keep", "2"), ("GroupBy", "group"));

        var build = project.Build();

        Kept().ShouldBe([0, 1, 2]);
        build["Column"].Missing.ShouldBe(2);
        build.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("in 1 of 2 groups fewer entered with a value inside the limits ('x' with 1)");
    }

    [Fact]
    public void However_many_groups_are_too_small_there_is_one_warning()
    {
        Write([.. Enumerable.Range(0, 40).Select(i => $$"""{"group":"g{{i:00}}","q":1}""")]);
        project.Stage("Column", ("Field", "q"), ("Keep", "2"), ("GroupBy", "group"));

        project.Build().Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("in 40 of 40 groups fewer entered with a value inside the limits ('g00' with 1, 'g01' with 1, 'g02' with 1, …)");
    }

    [Fact]
    public void A_budget_of_tokens_is_spent_on_the_best_until_one_does_not_fit()
    {
        Write([.. Enumerable.Range(0, 6).Select(i => $$"""{"q":{{i}}}""")]);
        project.Write("bytes.json", TinyTokenizer.Json());
        project.Properties["DatasetTokenizer"] = "bytes.json";
        project.Stage("Column", ("Field", "q"), ("Keep", "11 tokens"));

        var build = project.Build();

        // Each record is "p5" + "c": three tokens; three records fit into eleven.
        Kept().ShouldBe([3, 4, 5]);
        build["Column"].Scored.ShouldBe(6);
        project.Build()["Column"].Cached.ShouldBe(6);
        project.Stages[0].Metadata["Keep"] = "2 tokens";
        project.Build().Result.Kept.ShouldBe(0);
    }

    [Fact]
    public void A_record_whose_length_and_tokens_are_there_counts_once()
    {
        Write([.. Enumerable.Range(0, 6).Select(i => $$"""{"q":{{i}}}""")]);
        project.Write("bytes.json", TinyTokenizer.Json());
        project.Properties["DatasetTokenizer"] = "bytes.json";
        project.Stage("TokenLength", ("Counter", "Words"), ("Keep", "11 tokens"));

        project.Build()["TokenLength"].Scored.ShouldBe(12, "two values of each");
        project.Stages[0].Metadata["Keep"] = "12 tokens";
        project.Build()["TokenLength"].Cached.ShouldBe(6);
    }

    [Fact]
    public void A_tokenizer_is_the_bytes_of_its_file()
    {
        Write([.. Enumerable.Range(0, 6).Select(i => $$"""{"q":{{i}}}""")]);
        project.Write("one.json", TinyTokenizer.Json());
        project.Write("copy.json", TinyTokenizer.Json());
        project.Write("longer.json", TinyTokenizer.Json() + "\n");
        project.Stage("TokenLength", ("Tokenizer", "one.json"), ("Keep", "3"));

        int Scored(string tokenizer)
        {
            project.Stages[0].Metadata["Tokenizer"] = tokenizer;
            return project.Build()["TokenLength"].Scored;
        }

        (Scored("one.json"), Scored("copy.json"), Scored("longer.json")).ShouldBe((6, 0, 6));
    }

    [Fact]
    public void Ties_break_by_position_where_that_is_asked_for()
    {
        Write([.. Enumerable.Range(0, 20).Select(_ => """{"q":1}""")]);
        project.Stage("Column", ("Field", "q"), ("Keep", "7"), ("Ties", "Position"));

        project.Build();

        Kept().ShouldBe(Enumerable.Range(0, 7));
    }

    [Fact]
    public void The_shard_with_the_highest_priority_keeps_its_records()
    {
        project.Shard("data/a.jsonl", """{"prompt":"p","completion":"c","from":"a"}""");
        project.Shard("data/b.jsonl", """{"prompt":"p","completion":"c","from":"b"}""");
        project.Shards[1].Metadata["Priority"] = "1";
        project.Stage("ExactDedup");

        project.Build();

        project.Lines().ShouldHaveSingleItem().ShouldContain("\"from\":\"b\"");
        File.ReadAllLines(Path.Combine(project.ReportPath, "verdicts", "data", "a.jsonl.csv"))[1].ShouldMatch("^1,dropped,ExactDedup,duplicate,data/b.jsonl:1,[0-9a-f]{32},,$");
    }

    [Fact]
    public void A_random_choice_does_not_depend_on_place_or_company()
    {
        Write([.. Enumerable.Range(0, 200).Select(i => $$"""{"q":{{i}}}""")]);
        project.Stage("Random", ("Seed", "42"), ("Keep", "50"));
        project.Build();
        var before = Kept();

        Write([.. Enumerable.Range(0, 201).Select(i => $$"""{"q":{{i}}}""")]);
        project.Build();
        Kept().Except(before).Count().ShouldBeLessThanOrEqualTo(1);

        project.Stages[0].Metadata["Seed"] = "43";
        project.Build();
        Kept().Intersect(before).Count().ShouldBeInRange(1, 30);
    }

    /// <summary>Records whose conversation is their number, with the given fields beside it.</summary>
    private void Write(params string[] fields) =>
        project.Shard("data/a.jsonl", [.. fields.Select((more, i) => $$"""{"prompt":"p{{i.ToString(CultureInfo.InvariantCulture)}}","completion":"c",{{more[1..]}}""")]);

    private List<int> Kept() =>
        [.. project.Lines().Select(line => int.Parse((string)System.Text.Json.Nodes.JsonNode.Parse(line)!["prompt"]!.AsValue().ToString()[1..], CultureInfo.InvariantCulture)).Order()];
}
