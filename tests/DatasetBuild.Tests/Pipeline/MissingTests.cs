using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A failure is never a number: what becomes of records without a value.</summary>
public sealed class MissingTests : IDisposable
{
    private const string Full = """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"q":5}""";
    private const string Empty = """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""}],"q":null}""";
    private const string NoAnswer = """{"messages":[{"role":"user","content":"a"}],"q":"high"}""";
    private const string Huge = """{"messages":[{"role":"user","content":"h"},{"role":"assistant","content":"h"}],"q":1e999}""";

    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public MissingTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", Full, Empty, NoAnswer, Huge);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Drop", new[] { Full, Empty, Huge })]
    [InlineData("Keep", new[] { Full, Empty, NoAnswer, Huge })]
    public void A_conversation_without_an_answer_is_missing_and_an_empty_answer_has_length_zero(string missing, string[] kept)
    {
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Min", "0"), ("Missing", missing));

        var build = project.Build();

        project.Lines().ShouldBe(kept, ignoreOrder: true);
        build["Length"].Missing.ShouldBe(1);
        build["Length"].Kept.ShouldBe(kept.Length);
    }

    [Fact]
    public void The_reason_of_a_missing_value_is_found_again_in_the_store()
    {
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Min", "0"));
        project.Build();
        var verdicts = Verdicts();
        verdicts[3].ShouldMatch("^3,dropped,Length,no assistant turn,,[0-9a-f]{32},,$");

        Directory.Delete(project.ReportPath, recursive: true);
        var again = project.Build();

        again.Scored.ShouldBe(0);
        Verdicts().ShouldBe(verdicts);
    }

    [Fact]
    public void Fail_names_the_record_and_the_reason_and_leaves_no_subset()
    {
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Min", "0"), ("Missing", "Fail"));

        var error = project.Fails();

        (error.Code, error.Line).ShouldBe((DataCodes.MissingNotAllowed, 3));
        error.File!.ShouldEndWith("a.jsonl");
        error.Message.ShouldContain("no assistant turn");
        Directory.Exists(Path.Combine(project.OutputPath, "train")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Drop", new[] { Full })]
    [InlineData("Keep", new[] { Full, Empty, NoAnswer, Huge })]
    public void A_field_that_is_no_finite_number_has_no_value(string missing, string[] kept)
    {
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Min", "0"), ("Missing", missing));

        project.Build()["Quality"].Missing.ShouldBe(3);

        project.Lines().ShouldBe(kept, ignoreOrder: true);
        Verdicts()[2].ShouldContain(missing == "Drop" ? "field absent" : "kept");
        Verdicts()[3].ShouldContain(missing == "Drop" ? "field is not a number" : "kept");
    }

    [Theory]
    [InlineData("Drop", new[] { NoAnswer })]
    [InlineData("Keep", new[] { NoAnswer, Empty, Huge })]
    public void In_takes_texts_and_passes_over_what_has_none(string missing, string[] kept)
    {
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("In", "high;low"), ("Missing", missing));

        project.Build();

        project.Lines().ShouldBe(kept, ignoreOrder: true);
    }

    [Fact]
    public void A_share_is_taken_of_the_records_with_a_value()
    {
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Keep", "100%"), ("Missing", "Keep"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Keep", "67%"), ("Missing", "Keep"));

        // Three of four have a response; 67% of three are two.
        project.Build()["Length"].Kept.ShouldBe(3);
    }

    [Fact]
    public void Raw_text_has_neither_prompt_nor_response()
    {
        project.Shard("data/a.jsonl", """{"text":"a"}""", """{"text":"b"}""");
        project.Stage("Whole", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Min", "1"));
        project.Stage("Prompt", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Prompt"), ("Min", "1"));

        var build = project.Build();

        (build["Whole"].Kept, build["Prompt"].Kept, build["Prompt"].Missing).ShouldBe((2, 0, 2));
        Verdicts()[1].ShouldContain("raw text has no such part");
        build.Diagnostics.Select(diagnostic => diagnostic.Code).ShouldBe([DataCodes.NoValueAtAll, DataCodes.EmptyResult]);
    }

    private string[] Verdicts() => File.ReadAllLines(Path.Combine(project.ReportPath, "verdicts", "data", "a.jsonl.csv"));
}
