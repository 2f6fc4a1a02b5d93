using DatasetBuild.Pipeline;
using DatasetBuild.Tests.Scoring;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>
/// The catalog says of every parameter whether it can change a score. Flipping one that can must change the stage's identity in the manifest;
/// flipping one that cannot must not.
/// </summary>
public sealed class ParameterEffectTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private int builds;

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            var selecting = StageCatalog.Parameters["Random"].ToHashSet();
            foreach (var (kind, parameters) in StageCatalog.Parameters)
            {
                // How a number selects is one rule for all; of the kinds that a model scores for, it is flipped once.
                var isOfModel = parameters.Any(parameter => parameter.Name is "Model" or "InitialModel");
                foreach (var parameter in parameters.Where(parameter => !isOfModel || kind == "Loss" || !selecting.Contains(parameter)))
                {
                    all.Add(kind, parameter.Name);
                }
            }

            return all;
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void A_parameter_does_what_the_catalog_says(string kind, string parameter)
    {
        var effect = StageCatalog.Parameters[kind].Single(spec => spec.Name == parameter).Effect;
        var (before, after) = Flip(kind, parameter);

        var same = Identities(kind, before).SequenceEqual(Identities(kind, after));

        same.ShouldBe(effect == Effect.Select);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_parameter_that_only_selects_scores_nothing_again(string kind, string parameter)
    {
        if (StageCatalog.Parameters[kind].Single(spec => spec.Name == parameter).Effect != Effect.Select)
        {
            return;
        }

        var (before, after) = Flip(kind, parameter);
        var project = Project(kind, before);
        project.Build();
        project.Stages[0] = ("Stage", new(after) { ["Kind"] = kind });

        project.Build().Scored.ShouldBe(0);
    }

    [Theory]
    [InlineData("6%", "6.0%")]
    [InlineData("Keep=10;Prefer=Highest", "Keep=10")]
    public void Two_spellings_of_one_selection_give_one_subset(string one, string other)
    {
        static Dictionary<string, string> Parse(string text) => text.Contains('=', StringComparison.Ordinal)
            ? text.Split(';').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1])
            : new() { ["Keep"] = text };

        Subset(Parse(one)).ShouldBe(Subset(Parse(other)));

        List<string> Subset(Dictionary<string, string> selection)
        {
            selection["Counter"] = "Bytes";
            var project = Project("TokenLength", selection);
            project.Build();
            return project.Lines();
        }
    }

    private (Dictionary<string, string> Before, Dictionary<string, string> After) Flip(string kind, string parameter)
    {
        Dictionary<string, string> before = kind switch
        {
            "ExactDedup" => new() { ["Normalize"] = "Trim" },
            "NearDedup" => [],
            "TokenLength" => new() { ["Counter"] = "Bytes", ["Keep"] = "50%" },
            "Random" => new() { ["Keep"] = "50%" },
            "Column" => new() { ["Field"] = "q", ["Keep"] = "50%" },
            "Loss" or "Perplexity" => new() { ["Model"] = "models/base", ["Keep"] = "50%" },
            "Ifd" => new() { ["Model"] = "models/base", ["Filter"] = "None", ["Keep"] = "50%" },
            "Learnability" => new() { ["InitialModel"] = "models/base", ["ReferenceModel"] = "models/tuned", ["Keep"] = "50%" },
            "Rating" => new() { ["Model"] = "models/base", ["Prompts"] = "prompts.txt", ["Keep"] = "50%" },
            "ScoreFile" => new() { ["File"] = "scores.jsonl", ["IdField"] = "id", ["Keep"] = "50%" },
            "Decontaminate" => [],
            _ => throw new InvalidOperationException($"Say here how a stage of the new kind {kind} is declared."),
        };
        var after = new Dictionary<string, string>(before);
        switch (parameter)
        {
            case "Part" when kind is "ExactDedup" or "TokenLength":
                after["Part"] = "Response";
                break;
            case "Part":
                after["Part"] = "LastResponse";
                break;
            case "Model":
                after["Model"] = "models/tuned";
                break;
            case "InitialModel" or "ReferenceModel":
                after[parameter] = "models/third";
                break;
            case "ChatTemplate" when kind != "TokenLength":
                after["ChatTemplate"] = "Alpaca";
                break;
            case "MaxLength":
                after["MaxLength"] = "900";
                break;
            case "TooLong":
                after["TooLong"] = "Score";
                break;
            case "Truncation":
                after["Truncation"] = "Left";
                break;
            case "AlonePrefix":
                after["AlonePrefix"] = "### Response:";
                break;
            case "Form":
                after["Form"] = kind switch { "Loss" => "Sum", "Ifd" => "LossRatio", "Learnability" => "Raw", _ => "Reference" };
                break;
            case "Filter":
                after["Filter"] = "AtMostOne";
                break;
            case "FirstToken":
                after["FirstToken"] = "Skip";
                break;
            case "MinInitialLoss" or "MaxReferenceLoss":
                after[parameter] = "1.5";
                break;
            case "Prompts":
                after["Prompts"] = "others.txt";
                break;
            case "Alpha":
                after["Alpha"] = "1";
                break;
            case "Weights":
                before["Model"] = "models/base;models/tuned";
                before["Weights"] = "7;13";
                after = new(before) { ["Weights"] = "1;1" };
                break;
            case "Normalize":
                after["Normalize"] = kind == "NearDedup" ? "Lower" : "Trim;Lower";
                break;
            case "Threshold":
                after["Threshold"] = "0.5";
                break;
            case "ShingleUnit":
                after["ShingleUnit"] = "Character";
                break;
            case "ShingleSize":
                after["ShingleSize"] = "3";
                break;
            case "Bands" or "Rows":
                (before["Bands"], before["Rows"]) = ("4", "5");
                after = new(before) { [parameter] = "6" };
                break;
            case "Preset":
                after["Preset"] = "DataTrove";
                break;
            case "Linkage":
                after["Linkage"] = "Connected";
                break;
            case "LargeCluster":
                after["LargeCluster"] = "3";
                break;
            case "Counter":
                after["Counter"] = "Words";
                break;
            case "Tokenizer" when kind is not ("TokenLength" or "Random" or "Column" or "ScoreFile"):
                after["Tokenizer"] = "other.json";
                break;
            case "Tokenizer":
                // A tokenizer counts what is ranked, or the tokens of a budget.
                foreach (var declared in (Dictionary<string, string>[])[before, after])
                {
                    declared.Remove("Counter");
                    declared["Keep"] = kind == "TokenLength" ? "50%" : "100 tokens";
                    declared["Tokenizer"] = declared == before ? "one.json" : "other.json";
                }

                break;
            case "N":
                after["N"] = "8";
                break;
            case "Action":
                after["Action"] = "Mark";
                break;
            case "ChatTemplate":
                foreach (var declared in (Dictionary<string, string>[])[before, after])
                {
                    declared.Remove("Counter");
                    declared["Tokenizer"] = "one.json";
                    declared["ChatTemplate"] = declared == before ? "ChatML" : "Zephyr";
                }

                break;
            case "Seed":
                after["Seed"] = "1";
                break;
            case "Field":
                after["Field"] = "id";
                break;
            case "In":
                before.Remove("Keep");
                before["In"] = "1;2";
                after = new(before) { ["In"] = "3" };
                break;
            case "File":
                after["File"] = "others.jsonl";
                break;
            case "KeyField":
                before.Remove("IdField");
                before["File"] = "keys.jsonl";
                after = new(before) { ["KeyField"] = "hash" };
                break;
            case "IdField":
                after["IdField"] = "q";
                after["File"] = before["File"] = "both.jsonl";
                break;
            case "ScoreField":
                after["ScoreField"] = "other";
                break;
            case "Min":
                after["Min"] = "1";
                break;
            case "Max":
                after["Max"] = "100";
                break;
            case "Keep":
                after["Keep"] = "7";
                break;
            case "Band":
                after.Remove("Keep");
                after["Band"] = "10%..60%";
                break;
            case "Prefer":
                before["Prefer"] = "Highest";
                after["Prefer"] = "Lowest";
                break;
            case "Ties":
                after["Ties"] = "Position";
                break;
            case "Missing":
                after["Missing"] = "Keep";
                break;
            case "GroupBy":
                after["GroupBy"] = "q";
                break;
            default:
                throw new InvalidOperationException($"Say here how the new parameter {parameter} of {kind} is flipped.");
        }

        return (before, after);
    }

    private List<string> Identities(string kind, Dictionary<string, string> metadata)
    {
        var project = Project(kind, metadata);
        project.Build();
        return [.. project.Manifest()["stages"]![0]!["identities"]!.AsArray().Select(identity => (string)identity!)];
    }

    private TestProject Project(string kind, Dictionary<string, string> metadata)
    {
        var project = new TestProject(folder.At($"{builds++}")) { Models = new FakeModels() };
        project.Properties["DatasetChatTemplate"] = "Plain";
        foreach (var (number, model) in (IEnumerable<(int, string)>)[(1, "base"), (2, "tuned"), (3, "third")])
        {
            FakeModels.Write(project, $"models/{model}", number);
        }

        project.Write("prompts.txt", "How good is it?");
        project.Write("others.txt", "How bad is it?");
        string[] records = [.. Enumerable.Range(0, 30).Select(i => IncrementalTests.Record(i))];
        project.Shard("data/a.jsonl", records);
        project.Write("scores.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => $"{{\"id\":{i},\"score\":{i},\"other\":{-i}}}\n")));
        project.Write("others.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => $"{{\"id\":{i},\"score\":{-i}}}\n")));
        project.Write("both.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => $"{{\"id\":{i},\"q\":{i},\"score\":{i}}}\n")));
        project.Write("keys.jsonl", string.Concat(records.Select((record, i) => $"{{\"key\":\"{Records.Reading.Key(record)}\",\"hash\":\"{Records.Reading.Key(record)}\",\"score\":{i}}}\n")));
        project.Evaluate("eval.jsonl", records.Take(3));
        project.Write("one.json", TinyTokenizer.Json(""));
        project.Write("other.json", TinyTokenizer.Json("ab"));
        project.Stages.Add(("Stage", new(metadata) { ["Kind"] = kind }));
        return project;
    }
}
