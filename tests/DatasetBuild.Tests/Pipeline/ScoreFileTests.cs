using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Scores made elsewhere, joined by key or by id and never by position.</summary>
public sealed class ScoreFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;
    private readonly string[] records = [.. Enumerable.Range(0, 6).Select(i => $$"""{"id":"r-{{i}}","prompt":"p{{i}}","completion":"c"}""")];

    public ScoreFileTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", records);
    }

    public static TheoryData<string, string, string> Forms => new()
    {
        { "rows in another order", "IdField=id", "{\"id\":\"r-4\",\"score\":0.9}\n\n{\"score\":\"0.8\",\"id\":\"r-1\"}\n{\"id\":\"r-0\",\"score\":-1}\n{\"id\":\"r-2\",\"score\":null}\n{\"id\":\"unknown\",\"score\":5}\n" },
        { "an array", "IdField=id", "[{\"id\":\"r-4\",\"score\":0.9},\n{\"score\":0.8,\"id\":\"r-1\"},{\"id\":\"r-0\",\"score\":-1}]" },
        { "CSV", "IdField=id", "id,note,score\nr-4,\"a, \"\"b\"\"\nc\",0.9\n\nr-1,,8e-1\r\nr-0,x,-1\nr-2,x,\n" },
        { "CSV with a byte order mark and quoted cells", "IdField=id", "\ufeff\"score\",\"id\"\r\n\"0.9\",\"r-4\"\r\n0.8,r-1\r\n" },
        { "the same row twice", "IdField=id", "id,score\nr-4,0.9\nr-1,0.8\nr-4,0.9\n" },
        { "other names", "IdField=id;ScoreField=ifd", "id,score,ifd\nr-4,-1,0.9\nr-1,-1,0.8\n" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rows_find_their_records_by_id(string form, string metadata, string content)
    {
        form.ShouldNotBeEmpty();
        project.Write("scores", content);
        project.Stage("Scores", [("Kind", "ScoreFile"), ("File", "scores"), ("Min", "0.5"), .. metadata.Split(';').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);

        var build = project.Build();

        project.Lines().ShouldBe([records[1], records[4]], ignoreOrder: true);
        build["Scores"].Missing.ShouldBeInRange(3, 4);
        build.Scored.ShouldBe(0);
    }

    [Theory]
    [InlineData("id,score\nr-4,0.9\nr-1,0.8\n")]
    [InlineData("{\"id\":\"r-4\",\"score\":0.9}\n{\"id\":\"r-1\",\"score\":0.8}\n")]
    public void A_packed_file_is_unpacked(string content)
    {
        File.WriteAllBytes(Path.Combine(project.Root, "scores.gz"), Records.Reading.Gzip(Encoding.UTF8.GetBytes(content)));
        project.Stage("Scores", ("Kind", "ScoreFile"), ("File", "scores.gz"), ("Min", "0.5"), ("IdField", "id"));

        project.Build();

        project.Lines().ShouldBe([records[1], records[4]], ignoreOrder: true);
    }

    [Theory]
    [InlineData("key,score\n{0},1\n{1},2\n", "")]
    [InlineData("{\"key\":\"{0}\",\"score\":1}\n{\"key\":\"{1}\",\"score\":2}\n", "")]
    [InlineData("sha,score\n{0},1\n{1},2\n", "sha")]
    public void Rows_find_their_records_by_key(string content, string keyField)
    {
        project.Write("scores.csv", content.Replace("{0}", Reading(0), StringComparison.Ordinal).Replace("{1}", Reading(3), StringComparison.Ordinal));
        project.Stage("ScoreFile", ("File", "scores.csv"), ("Keep", "1"));
        if (keyField.Length > 0)
        {
            project.Stages[0].Metadata["KeyField"] = keyField;
        }

        project.Build()["ScoreFile"].Missing.ShouldBe(4);

        project.Lines().ShouldBe([records[3]]);

        string Reading(int i) => Records.Reading.Key(records[i]).ToString();
    }

    [Theory]
    [InlineData(3, "another score on line 2", "id,score\nr-1,1\nr-1,2\n")]
    [InlineData(4, "another score on line 2", "id,score\nr-1,1\nr-2,2\nr-1,\n")]
    [InlineData(2, "another score on line 1", "{\"id\":\"r-1\",\"score\":1}\n{\"id\":\"r-1\",\"score\":2}\n")]
    [InlineData(3, "not a finite number", "id,score\nr-1,1\nr-2,high\n")]
    [InlineData(2, "not a finite number", "id,score\nr-1,NaN\n")]
    [InlineData(2, "not a finite number", "id,score\nr-1,1e999\n")]
    [InlineData(2, "not a finite number", "id,score\nr-1,\"0,5\"\n")]
    [InlineData(3, "1 columns", "id,score\nr-1,1\nr-2\n")]
    [InlineData(5, "3 columns", "id,score\n\"r\n1\",1\n\nr-2,1,2\n")]
    [InlineData(1, "no column 'score'", "id,value\nr-1,1\n")]
    [InlineData(1, "no column 'id'", "name,score\nr-1,1\n")]
    [InlineData(1, "is empty", "")]
    [InlineData(2, "no 'id'", "{\"id\":\"r-1\",\"score\":1}\n{\"score\":1}\n")]
    [InlineData(2, "not valid JSON: '}' is an invalid start", "{\"id\":\"r-1\",\"score\":1}\n{\"id\":\"r-2\",\"score\":}\n")]
    [InlineData(2, "not a JSON object", "{\"id\":\"r-1\",\"score\":1}\n[\"r-2\"]\n")]
    [InlineData(3, "quote", "id,score\nr-1,1\nr-2,\"1\nr-3,1\n")]
    [InlineData(2, "quote", "score,id\n1,\"r-1\n2,r-2\n")]
    public void A_row_that_cannot_be_used_is_located(int line, string problem, string content)
    {
        project.Write("scores", content);
        project.Stage("ScoreFile", ("File", "scores"), ("IdField", "id"), ("Min", "0"));

        var error = project.Fails();

        error.Code.ShouldBe(DataCodes.InvalidScoreFile, error.Message);
        error.Message.ShouldContain(problem);
        error.Line.ShouldBe(line);
        error.File.ShouldBe(Path.Combine(project.Root, "scores"));
    }

    [Theory]
    [InlineData("id,score\nr-1,1\nr-\u00ff,2\n")]
    [InlineData("{\"id\":\"r-\u00ff\",\"score\":1}\n")]
    public void Invalid_UTF8_in_a_score_file_is_an_error_and_no_crash(string latin1)
    {
        project.Write("scores", Encoding.Latin1.GetBytes(latin1));
        project.Stage("ScoreFile", ("File", "scores"), ("IdField", "id"), ("Min", "0"));

        project.Fails().Code.ShouldBe(DataCodes.InvalidScoreFile);
    }

    [Fact]
    public void A_key_that_is_none_is_located()
    {
        project.Write("scores", "key,score\nr-1,1\n");
        project.Stage("ScoreFile", ("File", "scores"), ("Min", "0"));

        var error = project.Fails();

        (error.Code, error.Line).ShouldBe((DataCodes.InvalidScoreFile, 2));
        error.Message.ShouldContain("IdField");
    }

    [Fact]
    public void A_changed_score_file_is_read_again()
    {
        project.Write("scores.csv", "id,score\nr-1,1\n");
        project.Stage("ScoreFile", ("File", "scores.csv"), ("IdField", "id"), ("Min", "0"));
        project.Build();
        project.Lines().ShouldBe([records[1]]);

        project.Write("scores.csv", "id,score\nr-2,1\n");
        project.UpToDate().ShouldBeNull();
        project.Build();

        project.Lines().ShouldBe([records[2]]);
    }

    [Fact]
    public void Two_spellings_of_one_key_with_two_scores_are_located()
    {
        var key = Records.Reading.Key(records[1]).ToString();
        var (small, large) = (key.ToLowerInvariant(), key.ToUpperInvariant());
        small.ShouldNotBe(large);
        project.Stage("ScoreFile", ("File", "scores"), ("Min", "0"));
        project.Write("scores", $"key,score\n{small},1\n{large},2\n");

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((DataCodes.InvalidScoreFile, Path.Combine(project.Root, "scores"), 3));
        error.Message.ShouldContain(large);

        project.Write("scores", $"key,score\n{small},1\n{large},1\n");
        project.Build();
        project.Lines().ShouldBe([records[1]]);
    }

    [Fact]
    public void The_manifest_tells_files_relative_to_the_project()
    {
        project.Write("scores/ifd.csv", "id,score\nr-1,1\n");
        project.Stage("ScoreFile", ("File", folder.At("clone", "scores", "ifd.csv")), ("IdField", "id"), ("Min", "0"));

        project.Build();

        ((string)project.Manifest()["stages"]![0]!["parameters"]!["File"]!).ShouldBe("scores/ifd.csv");
        project.Manifest().ToJsonString().ShouldNotContain(folder.Root);
    }
}
