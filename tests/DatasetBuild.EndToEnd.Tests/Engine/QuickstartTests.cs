using System.Text.Json;
using System.Text.RegularExpressions;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>The first thing that a newcomer builds, and what the loaders that people use ask of its output.</summary>
public sealed class QuickstartTests
{
    private static readonly string[] Stages = ["Duplicates", "Languages", "TooShortOrLong", "BestRated"];

    [Fact]
    public void Every_stage_of_the_quickstart_drops_something_and_the_table_says_how_much()
    {
        using var project = Quickstart();
        var build = project.Build().ShouldSucceed();
        var entered = 228;
        foreach (var stage in Stages)
        {
            build.Of(stage, "entered").ShouldBe(entered);
            var (kept, dropped) = (build.Of(stage, "kept"), build.Of(stage, "dropped"));
            dropped.ShouldBeGreaterThan(0, stage);
            (kept + dropped).ShouldBe(entered);
            build.Text.ShouldMatch($@"(?m)^ *{stage} +{entered} +{kept} +{dropped} ");
            entered = kept;
        }

        build.Of("Languages", "missing").ShouldBeGreaterThan(0);
        project.Records().Length.ShouldBe(build.Of("BestRated", "kept"));
    }

    [Theory]
    [InlineData(1, "train")]
    [InlineData(2, "train", "validation")]
    public void The_output_is_what_loaders_expect(int files, params string[] splits)
    {
        using var project = Quickstart();
        project.Build([$"-p:DatasetOutputShards={files}", .. splits.Length > 1 ? ["-p:DatasetValidationSplit=10%"] : Array.Empty<string>()]).ShouldSucceed();
        foreach (var split in splits)
        {
            // LLaMA-Factory takes every entry of the folder, hidden ones too, for data of one type.
            var entries = Directory.GetFileSystemEntries(Path.Combine(project.OutputPath, split)).Select(Path.GetFileName).Order(StringComparer.Ordinal);
            entries.ShouldBe(Enumerable.Range(0, files).Select(number => $"{split}-{number:00000}-of-{files:00000}.jsonl"));
        }

        LoadsAsJsonLines(project);
        HasACardForLoadDataset(project, splits);
        HasARegistry(project, splits);
    }

    private static SampleProject Quickstart()
    {
        var example = Path.Combine(Built.Repository, "examples", "quickstart");
        var project = new SampleProject(name: "quickstart");
        project.Write("quickstart.csproj", File.ReadAllText(Path.Combine(example, "quickstart.csproj")));
        foreach (var shard in Directory.EnumerateFiles(Path.Combine(example, "data")))
        {
            project.Write("data/" + Path.GetFileName(shard), File.ReadAllText(shard));
        }

        return project;
    }

    /// <summary>One object a line, with the same columns of the same types in all of them; UTF-8 without a mark, lines that end in a line feed.</summary>
    private static void LoadsAsJsonLines(SampleProject project)
    {
        foreach (var file in project.OutputFiles().Where(file => file.EndsWith(".jsonl", StringComparison.Ordinal)))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[0].ShouldBe((byte)'{', file);
            bytes[^1].ShouldBe((byte)'\n', file);
            bytes.ShouldNotContain((byte)'\r');
        }

        project.Records().Select(line => string.Join(", ", Parse(line).EnumerateObject().Select(column => $"{column.Name}: {column.Value.ValueKind}")))
            .Distinct().ShouldHaveSingleItem();
    }

    /// <summary>Hugging Face's load_dataset reads the files from the front matter; whatever it does not name is not loaded.</summary>
    private static void HasACardForLoadDataset(SampleProject project, string[] splits)
    {
        var card = FrontMatter.Of(Path.Combine(project.OutputPath, "README.md"));
        card["license"].ShouldBe("other");
        card["task_categories"].ShouldBeOfType<List<object>>().ShouldBe(["text-generation"]);
        card["size_categories"].ShouldBeOfType<List<object>>().ShouldBe(["n<1K"]);
        var config = (Dictionary<string, object>)card["configs"].ShouldBeOfType<List<object>>().ShouldHaveSingleItem();
        config["config_name"].ShouldBe("default");
        var files = config["data_files"].ShouldBeOfType<List<object>>().Cast<Dictionary<string, object>>().ToList();
        files.Select(file => (string)file["split"]).ShouldBe(splits);

        var data = project.OutputFiles().Select(file => Path.GetRelativePath(project.OutputPath, file)).Where(file => file.EndsWith(".jsonl", StringComparison.Ordinal)).ToList();
        var matched = files.SelectMany(file => data.Where(path => Regex.IsMatch(path, "^" + Regex.Escape((string)file["path"]).Replace("\\*", "[^/]*") + "$"))).ToList();
        matched.Order(StringComparer.Ordinal).ShouldBe(data);
    }

    /// <summary>LLaMA-Factory's dataset_info.json names folders that exist, columns that all records have, and the words that their messages use.</summary>
    private static void HasARegistry(SampleProject project, string[] splits)
    {
        var registry = Parse(File.ReadAllText(Path.Combine(project.OutputPath, "dataset_info.json"))).EnumerateObject().ToList();
        registry.Select(entry => entry.Name).ShouldBe(splits.Length == 1 ? ["quickstart"] : ["quickstart", "quickstart_validation"]);
        registry.Select(entry => entry.Value.GetProperty("file_name").GetString()).ShouldBe(splits);
        foreach (var (name, entry) in registry.Select(entry => (entry.Name, entry.Value)))
        {
            entry.GetProperty("formatting").GetString().ShouldBe("sharegpt", name);
            var column = entry.GetProperty("columns").EnumerateObject().ShouldHaveSingleItem();
            column.Name.ShouldBe("messages");
            foreach (var record in project.Records().Select(Parse))
            {
                ShouldAlternate(record.GetProperty(column.Value.GetString()!), entry.GetProperty("tags"));
            }
        }
    }

    /// <summary>An example whose turns do not alternate, or that lacks its answer, is skipped in silence.</summary>
    private static void ShouldAlternate(JsonElement messages, JsonElement tags)
    {
        string Tag(string name) => tags.GetProperty(name).GetString()!;

        var roles = messages.EnumerateArray().Select(message => message.GetProperty(Tag("role_tag")).GetString()!).ToList();
        messages.EnumerateArray().Select(message => message.GetProperty(Tag("content_tag")).ValueKind).Distinct().ShouldBe([JsonValueKind.String]);
        var turns = roles[0] == Tag("system_tag") ? roles[1..] : roles;
        turns.ShouldBe(Enumerable.Range(0, turns.Count / 2).SelectMany(_ => new[] { Tag("user_tag"), Tag("assistant_tag") }));
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
