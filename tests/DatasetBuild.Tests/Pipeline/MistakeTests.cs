using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Mistakes in a project: the code, the remedy in the message, and the line of the item in the file that declares it.</summary>
public sealed class MistakeTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(ProjectCodes.UnknownKind, "Did you mean ExactDedup?", "Kind=ExactDedupe")]
    [InlineData(ProjectCodes.UnknownKind, "Did you mean TokenLength?", "Kind=TokenLenght")]
    [InlineData(ProjectCodes.UnknownKind, "Known kinds: ExactDedup, NearDedup, TokenLength", "Kind=Wizardry")]
    [InlineData(ProjectCodes.UnknownParameter, "Did you mean Keep?", "Kind=Random;Kep=5")]
    [InlineData(ProjectCodes.UnknownParameter, "Did you mean Normalize?", "Kind=ExactDedup;Normalise=Trim")]
    [InlineData(ProjectCodes.UnknownParameter, "It takes Kind, Part, Normalize, Missing", "Kind=ExactDedup;Keep=5")]
    [InlineData(ProjectCodes.EmptyValue, "Keep is empty", "Kind=Random;Keep=")]
    [InlineData(ProjectCodes.EmptyValue, "Kind is empty", "Kind=")]
    [InlineData(ProjectCodes.EmptyValue, "Keep is empty", "Kind=Random;Keep=  ")]
    [InlineData(ProjectCodes.Contradiction, "Min 9 is above Max 8", "Kind=TokenLength;Counter=Bytes;Min=9;Max=8")]
    [InlineData(ProjectCodes.Contradiction, "Keep and Band", "Kind=Random;Keep=5;Band=0%..5%")]
    [InlineData(ProjectCodes.Contradiction, "Counter and Tokenizer", "Kind=TokenLength;Counter=Bytes;Tokenizer=t.json;Min=1")]
    [InlineData(ProjectCodes.Contradiction, "In selects by text", "Kind=Column;Field=q;In=a;Min=1")]
    [InlineData(ProjectCodes.Contradiction, "KeyField and IdField", "Kind=ScoreFile;File=s.csv;KeyField=k;IdField=i;Min=1")]
    [InlineData(ProjectCodes.Contradiction, "GroupBy needs Keep or Band", "Kind=Random;Min=0.5;GroupBy=q")]
    [InlineData(ProjectCodes.MissingParameter, "give it Min, Max, Keep or Band", "Kind=Random")]
    [InlineData(ProjectCodes.MissingParameter, "needs Field", "Kind=Column;Min=1")]
    [InlineData(ProjectCodes.MissingParameter, "needs File", "Kind=ScoreFile;Min=1")]
    [InlineData(ProjectCodes.MissingParameter, "DatasetTokenizer", "Kind=TokenLength;Min=1")]
    [InlineData(ProjectCodes.MissingParameter, "no tokenizer to count them", "Kind=Random;Keep=100 tokens")]
    [InlineData(ProjectCodes.MissingFile, "'nowhere.csv' cannot be read: it does not exist", "Kind=ScoreFile;File=nowhere.csv;Min=1")]
    [InlineData(ProjectCodes.MissingFile, "'data' cannot be read: it is a folder that holds neither a tokenizer.json nor a tokenizer.model", "Kind=TokenLength;Tokenizer=data;Min=1")]
    [InlineData(ProjectCodes.InvalidValue, "a number with a point", "Kind=TokenLength;Counter=Bytes;Min=1,5")]
    [InlineData(ProjectCodes.InvalidValue, "a number with a point", "Kind=TokenLength;Counter=Bytes;Min=NaN")]
    [InlineData(ProjectCodes.InvalidValue, "a number with a point", "Kind=TokenLength;Counter=Bytes;Max=Infinity")]
    [InlineData(ProjectCodes.InvalidValue, "a count (1000), a share (6%)", "Kind=Random;Keep=0.06")]
    [InlineData(ProjectCodes.InvalidValue, "the lower first", "Kind=Random;Band=75%..25%")]
    [InlineData(ProjectCodes.InvalidValue, "the lower first", "Kind=Random;Band=25%")]
    [InlineData(ProjectCodes.InvalidValue, "a whole number", "Kind=Random;Seed=1.5;Keep=5")]
    [InlineData(ProjectCodes.InvalidValue, "Did you mean Response?", "Kind=TokenLength;Counter=Bytes;Part=Respnse;Min=1")]
    [InlineData(ProjectCodes.InvalidValue, "It is one of Drop, Keep, Fail", "Kind=ExactDedup;Missing=7")]
    [InlineData(ProjectCodes.InvalidValue, "Normalize", "Kind=ExactDedup;Normalize=Sparkle")]
    public void A_mistake_in_a_stage_is_located_and_says_what_to_do(string code, string remedy, string metadata)
    {
        var project = Project();
        project.Stage("Fine", ("Kind", "ExactDedup"));
        project.Stage("Wrong", [.. metadata.Split(';').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);
        project.Write("pool.csproj", """
            <Project Sdk="DatasetBuild.Sdk">
              <ItemGroup>
                <SelectorStage Include="Fine" Kind="ExactDedup" />
                <SelectorStage
                  Include="Wrong" Kind="…" />
              </ItemGroup>
            </Project>
            """);

        var error = project.Fails();

        error.Code.ShouldBe(code, error.Message);
        error.Message.ShouldContain(remedy);
        (error.File, error.Line).ShouldBe((project.ProjectFile, 4));
    }

    [Theory]
    [InlineData("DSB3003", 2, "Tokenizer", "models/t.json", "{\n,")]
    [InlineData("DSB3032", 2, "ChatTemplate", "models/t.jinja", "\n{% iff %}")]
    [InlineData("DSB3031", 0, "ChatTemplate", "models/t.jinja#other", "a")]
    public void A_mistake_in_a_file_that_a_stage_names_is_found_from_wherever_the_build_runs(string code, int line, string parameter, string value, string content)
    {
        var project = Project();
        var path = project.Write(value.Split('#')[0], content);
        project.Write("tiny.json", TinyTokenizer.Json());
        (string, string)[] tokenizer = parameter == "Tokenizer" ? [] : [("Tokenizer", "tiny.json")];
        project.Stage("Length", [("Kind", "TokenLength"), ("Max", "5"), (parameter, value), .. tokenizer]);

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((code, path, line));
    }

    [Fact]
    public void All_mistakes_in_the_values_of_a_stage_are_told_at_once_and_what_comes_of_them_is_not()
    {
        var project = Project();
        project.Stage("Wrong", ("Kind", "TokenLength"), ("Counter", "Wrods"), ("Min", "few"), ("Max", ""), ("Kep", "5"));
        project.Stage("Worse", ("Kind", "Random"), ("Seed", "x"), ("Keep", "5"), ("Missing", "Never"));

        var (build, error) = project.TryBuild();

        var told = build!.Diagnostics.Select(diagnostic => diagnostic.ToString()).Append(error!).ToList();
        told.Count.ShouldBe(6, string.Join('\n', told));
        foreach (var part in (string[])["Kep", "Max is empty", "Counter=\"Wrods\"", "Min=\"few\"", "Seed=\"x\"", "Missing=\"Never\""])
        {
            told.ShouldContain(text => text.Contains(part, StringComparison.Ordinal), part);
        }
    }

    [Fact]
    public void Two_stages_of_one_name_are_a_mistake_of_the_second()
    {
        var project = Project();
        project.Stage("ExactDedup").Stage("exactdedup", ("Kind", "Random"), ("Keep", "5"));
        project.Write("pool.csproj", "<Project>\n<ItemGroup>\n<SelectorStage Include=\"ExactDedup\" />\n<SelectorStage Include=\" exactdedup \" Kind=\"Random\" />\n</ItemGroup></Project>");

        var error = project.Fails();

        (error.Code, error.Line).ShouldBe((ProjectCodes.DuplicateStage, 4));
        error.Message.ShouldContain("Include=\"exactdedup2\" Kind=\"Random\"");
    }

    [Fact]
    public void A_project_file_that_cannot_be_parsed_is_named_without_a_line()
    {
        var project = Project();
        project.Stage("Nothing");
        project.Write("pool.csproj", "<Project><oops");

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((ProjectCodes.UnknownKind, project.ProjectFile, 0));
    }

    [Fact]
    public void A_project_without_shards_is_a_mistake()
    {
        var error = new TestProject(folder.At("empty")).Fails();

        error.Code.ShouldBe(ProjectCodes.NoShards);
        error.Message.ShouldContain("<DatasetShard Include=");
    }

    [Fact]
    public void A_shard_that_is_not_there_is_a_mistake()
    {
        var project = Project();
        project.Shards.Add(("data/gone.jsonl", []));

        var error = project.Fails();

        error.Code.ShouldBe(DatasetBuild.Records.DataCodes.UnreadableShard);
        error.File!.ShouldEndWith("gone.jsonl");
    }

    [Theory]
    [InlineData("Dialect", "Alpacca", ProjectCodes.InvalidValue, "Did you mean Alpaca?")]
    [InlineData("Priorty", "1", ProjectCodes.UnknownParameter, "Did you mean Priority?")]
    [InlineData("Priority", "high", ProjectCodes.InvalidValue, "a whole number")]
    [InlineData("PromptField", "", ProjectCodes.EmptyValue, "PromptField is empty")]
    public void A_mistake_in_a_shard_says_what_to_do(string name, string value, string code, string remedy)
    {
        var project = Project();
        project.Shards[0].Metadata[name] = value;

        var error = project.Fails();

        error.Code.ShouldBe(code, error.Message);
        error.Message.ShouldContain(remedy);
    }

    [Fact]
    public void Metadata_of_other_tools_on_a_shard_are_left_alone()
    {
        var project = Project();
        project.Shards[0].Metadata["CopyToOutputDirectory"] = "Never";
        project.Shards[0].Metadata["Link"] = "";

        project.Build().Result.Records.ShouldBe(10);
    }

    [Theory]
    [InlineData("DatasetOutputShards", "0")]
    [InlineData("DatasetOutputShards", "99999")]
    [InlineData("DatasetOutputSchema", "Mesages")]
    [InlineData("DatasetOutputOrder", "7")]
    [InlineData("DatasetOnInvalidRecord", "Ignore")]
    [InlineData("DatasetMaxRecordBytes", "64MB")]
    [InlineData("DatasetThreads", "-1")]
    [InlineData("DatasetValidationSplit", "0.1")]
    [InlineData("DatasetValidationSplit", "100%")]
    [InlineData("DatasetValidationSplit", "0%")]
    [InlineData("DatasetMemoryLimit", "1")]
    [InlineData("DatasetMemoryLimit", "400")]
    [InlineData("DatasetMemoryLimit", "0.4MB")]
    [InlineData("DatasetMemoryLimit", "much")]
    [InlineData("DatasetVerifyInputs", "yes")]
    public void A_property_with_an_impossible_value_is_named(string name, string value)
    {
        var project = Project();
        project.Properties[name] = value;

        var error = project.Fails();

        error.Code.ShouldBe(ProjectCodes.InvalidValue, error.Message);
        error.Message.ShouldContain($"{name}=\"{value}\"");
    }

    [Theory]
    [InlineData("DatasetDevice", "cpu")]
    public void A_property_that_nothing_uses_is_warned_of(string name, string value)
    {
        var project = Project();
        project.Build().Diagnostics.ShouldBeEmpty();
        project.Properties[name] = value;

        var warning = project.Build().Diagnostics.ShouldHaveSingleItem();

        (warning.Severity, warning.Code, warning.File).ShouldBe((Severity.Warning, ProjectCodes.UnusedProperty, project.ProjectFile));
        warning.Message.ShouldContain(name);
    }

    [Fact]
    public void All_mistakes_in_properties_are_told_at_once()
    {
        var project = Project();
        foreach (var (name, value) in ((string, string)[])[("DatasetOutputShards", "many"), ("DatasetDate", "today"), ("DatasetValidationSplit", "100%"), ("DatasetName", " "), ("DatasetMemoryLimit", "4")])
        {
            project.Properties[name] = value;
        }

        var (build, error) = project.TryBuild();

        build!.Diagnostics.Select(mistake => (mistake.Severity, mistake.Code)).ShouldBe(
            [(Severity.Error, "DSB2005"), (Severity.Error, "DSB2005"), (Severity.Error, "DSB2005"), (Severity.Error, "DSB2004")], "but the last one, which ends the build");
        error.ShouldNotBeNull().ShouldContain("DatasetValidationSplit=\"100%\"");
    }

    [Fact]
    public void A_mistake_in_a_property_is_found_where_it_was_set_last()
    {
        var project = Project();
        project.Properties["DatasetOutputShards"] = "many";
        project.Write("pool.csproj", "<Project>\n<PropertyGroup>\n<DatasetOutputShards>4</DatasetOutputShards>\n<DatasetOutputShards>many</DatasetOutputShards>\n</PropertyGroup>\n</Project>");

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((ProjectCodes.InvalidValue, project.ProjectFile, 4));
    }

    [Fact]
    public void A_mistake_in_a_property_is_found_in_the_file_that_is_imported_around_the_project()
    {
        var project = Project();
        project.Properties["DatasetOnInvalidRecord"] = "Ignore";
        project.Write("pool.csproj", "<Project />");
        var around = Path.Combine(Path.GetDirectoryName(project.Root)!, "Directory.Build.props");
        File.WriteAllText(around, "<Project>\n<PropertyGroup>\n<DatasetOnInvalidRecord>Ignore</DatasetOnInvalidRecord>\n</PropertyGroup>\n</Project>");

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((ProjectCodes.InvalidValue, around, 3));
    }

    [Theory]
    [InlineData("data/a.jsonl", 4)]
    [InlineData("data/*.jsonl", 4)]
    [InlineData("data\\**\\*.jsonl", 4)]
    [InlineData("**/a.jsonl;other.jsonl", 4)]
    [InlineData("$(Shards)", 0)]
    public void A_mistake_in_a_shard_is_found_by_the_name_or_the_pattern_that_brought_it_in(string include, int line)
    {
        var project = Project();
        project.Shards[0].Metadata["Dialect"] = "Klingon";
        project.Write("pool.csproj", $"<Project>\n<ItemGroup>\n<DatasetShard Include=\"elsewhere/*.jsonl\" />\n<DatasetShard Include=\"{include}\" Dialect=\"Klingon\" />\n</ItemGroup></Project>");

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe((ProjectCodes.InvalidValue, project.ProjectFile, line));
    }

    [Fact]
    public void As_many_output_files_as_are_allowed_are_written()
    {
        var project = Project();
        project.Properties["DatasetOutputShards"] = "1000";
        project.Properties["DatasetValidationSplit"] = "50%";

        project.Build().Result.Kept.ShouldBe(10);

        (project.Lines().Count + project.Lines("validation").Count).ShouldBe(10);
    }

    [Fact]
    public void Kinds_parameters_and_values_are_found_in_any_case()
    {
        var project = Project();
        project.Stage("tokenlength", ("counter", "bytes"), ("PART", "response"), ("min", "1"));

        project.Build().Result.Kept.ShouldBe(10);
    }

    private TestProject Project()
    {
        var project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 10).Select(i => IncrementalTests.Record(i))]);
        project.Write("s.csv", "key,score\n");
        project.Write("t.json", "{}");
        return project;
    }
}
