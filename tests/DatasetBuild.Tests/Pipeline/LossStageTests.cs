using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tests.Scoring;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What language models say is kept as passes, of which stages make their scores: a pass is made once, whatever is made of it.</summary>
public sealed class LossStageTests : IDisposable
{
    private const int Records = 40;

    private readonly ScratchFolder folder = new();
    private readonly FakeModels models = new();
    private int projects;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void One_conditioned_pass_serves_every_stage_that_needs_it()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Min", "0"));
        project.Stage("Perplexity", ("Model", "models/base"), ("Min", "0"));
        project.Stage("Ifd", ("Model", "models/base"), ("Filter", "None"), ("Min", "0"));
        project.Stage("Learnability", ("InitialModel", "models/base"), ("ReferenceModel", "models/tuned"), ("Min", "-9"));

        var build = project.Build();

        build.Stages.Select(stage => stage.Scored).ShouldBe([Records, 0, Records, Records], "of Ifd the response alone is new, of Learnability the other model");
        models.Sequences.ShouldBe(3 * Records);
        models.Opened.ShouldBe(["base", "tuned"]);
    }

    [Fact]
    public void Scores_are_what_the_losses_make_them()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Min", "0"));
        project.Stage("Sum", ("Kind", "Loss"), ("Form", "Sum"), ("Model", "models/base"), ("Min", "0"));
        project.Stage("Perplexity", ("Model", "models/base"), ("Min", "0"));
        project.Stage("Alone", ("Kind", "Ifd"), ("Model", "models/base"), ("Filter", "None"), ("Form", "LossRatio"), ("Min", "0"));
        project.Stage("Ratio", ("Kind", "Ifd"), ("Model", "models/base"), ("Filter", "None"), ("Min", "0"));
        project.Stage("Share", ("Kind", "Learnability"), ("InitialModel", "models/base"), ("ReferenceModel", "models/tuned"), ("Min", "-9"));
        project.Stage("Raw", ("Kind", "Learnability"), ("InitialModel", "models/base"), ("ReferenceModel", "models/tuned"), ("Form", "Raw"), ("Min", "-9"));
        project.Build();

        foreach (var row in Scores(project))
        {
            var (loss, sum, perplexity, alone, ratio, share, raw) = (row[0]!.Value, row[1]!.Value, row[2]!.Value, row[3]!.Value, row[4]!.Value, row[5]!.Value, row[6]!.Value);
            (sum / loss).ShouldBe(Math.Round(sum / loss), 1e-9, "a number of tokens");
            perplexity.ShouldBe(Math.Exp(loss), 1e-9);
            ratio.ShouldBe(Math.Exp(loss - (loss / alone)), 1e-9);
            share.ShouldBe(raw / loss, 1e-9);
        }
    }

    [Theory]
    [InlineData("Ifd", "Keep=50%", "Keep=20%")]
    [InlineData("Ifd", "Form=PerplexityRatio", "Form=LossRatio")]
    [InlineData("Ifd", "Filter=AtMostOne", "Filter=BelowOne")]
    [InlineData("Ifd", "FirstToken=Count", "FirstToken=Skip")]
    [InlineData("Loss", "Form=Mean", "Form=Sum;Max=20")]
    [InlineData("Perplexity", "Band=25%..75%", "Band=0%..50%")]
    [InlineData("Learnability", "Form=Normalized", "Form=Raw;MinInitialLoss=1.4")]
    [InlineData("Learnability", "MaxReferenceLoss=1.6", "MaxReferenceLoss=1.4")]
    [InlineData("Rating", "Form=Paper;Alpha=0.2", "Form=Reference;Alpha=1")]
    public void Another_threshold_form_or_filter_runs_no_model(string kind, string before, string after)
    {
        var project = Project();
        project.Stages.Add(("Stage", Declared(kind, before)));
        project.Build();
        var (opened, calls) = (models.Opened.Count, models.Calls.Count);
        project.Stages[0] = ("Stage", Declared(kind, after));

        project.Build().Scored.ShouldBe(0);

        (models.Opened.Count, models.Calls.Count).ShouldBe((opened, calls));
    }

    [Fact]
    public void Filters_are_those_of_the_papers()
    {
        var project = Project(new FakeModels { Bend = (_, _) => 1 });
        project.Stage("Cherry", ("Kind", "Ifd"), ("Form", "LossRatio"), ("Model", "models/base"));
        project.Stage("Superfiltering", ("Kind", "Ifd"), ("Form", "PerplexityRatio"), ("Model", "models/base"));

        var build = project.Build();

        build["Cherry"].Kept.ShouldBe(Records, "exactly 1 stays");
        build["Superfiltering"].Reasons.ShouldBe([new ReasonCount("outside Filter", Records)]);
    }

    [Fact]
    public void What_has_no_loss_has_a_reason_and_never_a_number()
    {
        var project = Project(new FakeModels { MaxLength = 200, Bend = (id, loss) => id == 'Z' ? float.PositiveInfinity : loss });
        project.Properties["DatasetOutputSchema"] = "Source";
        project.Shards.Clear();
        project.Shard(
            "data/a.jsonl",
            """{"prompt":"One?","completion":"A fine answer."}""",
            """{"messages":[{"role":"user","content":"Anybody?"}]}""",
            """{"text":"A document."}""",
            $$"""{"prompt":"Long?","completion":"{{new string('x', 300)}}"}""",
            """{"prompt":"Odd?","completion":"ZZZ"}""");
        project.Stage("Loss", ("Model", "models/base"), ("Min", "0"));

        var build = project.Build();

        (build["Loss"].Kept, build["Loss"].Missing, build["Loss"].Scored).ShouldBe((1, 4, 5));
        File.ReadAllText(Directory.GetFiles(Path.Combine(project.ReportPath, "verdicts"), "*", SearchOption.AllDirectories).Single()).ShouldSatisfyAllConditions(
            text => text.ShouldContain("no assistant turn"),
            text => text.ShouldContain("raw text has no such part"),
            text => text.ShouldContain("too long"),
            text => text.ShouldContain("not a finite number"));
        project.Build().Scored.ShouldBe(0, "a permanent reason is stored");
    }

    [Fact]
    public void A_build_that_is_stopped_half_way_goes_on_from_there()
    {
        var clean = Project();
        clean.Stage("Ifd", ("Model", "models/base"), ("Keep", "50%"));
        clean.Build();
        var needed = models.Sequences;

        var stopped = Project(new FakeModels());
        stopped.Stage("Ifd", ("Model", "models/base"), ("Keep", "50%"));
        var fake = (FakeModels)stopped.Models!;
        for (var allowed = 1; ; allowed++)
        {
            using var stop = new CancellationTokenSource();
            var left = allowed;
            fake.OnCall = _ =>
            {
                if (--left == 0)
                {
                    stop.Cancel();
                }
            };
            try
            {
                stopped.Build(cancel: stop.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                Directory.Exists(stopped.OutputPath).ShouldBeFalse("no subset of a part");
            }
        }

        fake.Opened.Count.ShouldBeGreaterThan(2);
        fake.Sequences.ShouldBe(needed, "what was committed is not scored again");
        WarmEqualsCleanTests.Differences(stopped.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_tried_again_by_halves()
    {
        models.OnCall = batch =>
        {
            if (batch.Count > 1)
            {
                throw new OutOfMemoryException();
            }
        };
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Keep", "50%"));

        project.Build()["Loss"].Scored.ShouldBe(Records);
        models.Calls.ShouldAllBe(count => count == 1);
    }

    [Fact]
    public void A_record_that_cannot_be_scored_now_ends_the_build_and_is_never_stored()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Keep", "50%"));
        models.OnCall = batch =>
        {
            if (batch.Ids.Contains('~'))
            {
                throw new OutOfMemoryException("no room");
            }
        };
        project.Shard("data/z.jsonl", """{"prompt":"Odd?","completion":"~"}""");

        var error = project.Fails();

        (error.Code, Path.GetFileName(error.File), error.Line).ShouldBe(("DSB3077", "z.jsonl", 1));
        Directory.Exists(project.OutputPath).ShouldBeFalse();
        models.OnCall = null;
        var before = models.Sequences;
        project.Build()["Loss"].Scored.ShouldBe(Records + 1 - before);
    }

    [Fact]
    public void Another_weight_is_another_model()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Keep", "50%"));
        project.Build();
        project.Write("models/base/model.safetensors", "5");
        project.Build()["Loss"].Scored.ShouldBe(Records);
        FakeModels.Write(project, "models/copy", 5);
        project.Stages[0].Metadata["Model"] = "models/copy";
        project.Build()["Loss"].Scored.ShouldBe(0, "a model is its content, not its place");
    }

    [Fact]
    public void A_model_that_changes_during_the_build_ends_it()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Keep", "50%"));
        models.OnCall = _ => project.Write("models/base/model.safetensors", "77");
        project.Fails().Code.ShouldBe("DSB3076");
        models.OnCall = null;
        project.Build()["Loss"].Scored.ShouldBe(Records, "nothing of it was kept");
    }

    [Fact]
    public void Mistakes_are_told_before_a_model_runs()
    {
        Fails("DSB2010", ("Kind", "Loss"), ("Model", "models/none"), ("Min", "0"));
        Fails("DSB2040", ("Kind", "Loss"), ("Model", "data"), ("Min", "0"));
        Fails("DSB2041", ("Kind", "Learnability"), ("InitialModel", "models/base"), ("ReferenceModel", "models/other"), ("Min", "0"));
        Fails("DSB2005", ("Kind", "Loss"), ("Model", "models/base"), ("Part", "Prompt"), ("Min", "0"));
        Fails("DSB2007", ("Kind", "Loss"), ("Model", "models/base"));
        Fails("DSB2007", ("Kind", "Rating"), ("Model", "models/base;models/tuned"), ("Prompts", "prompts.txt"), ("Min", "0"));
        Fails("DSB2005", ("Kind", "Rating"), ("Model", "models/base;models/tuned"), ("Weights", "7"), ("Prompts", "prompts.txt"), ("Min", "0"));
        Fails("DSB3080", ("Kind", "Loss"), ("Model", "models/base"), ("MaxLength", "5000"), ("Min", "0"));
        models.Calls.ShouldBeEmpty();

        void Fails(string code, params (string, string)[] metadata)
        {
            var project = Project();
            FakeModels.Write(project, "models/other", 3, tokenizer: "ab");
            project.Stage("Stage", metadata);
            project.Fails().Code.ShouldBe(code);
        }
    }

    [Fact]
    public void Without_a_chat_template_there_is_no_loss()
    {
        var project = Project();
        project.Properties.Remove("DatasetChatTemplate");
        project.Stage("Loss", ("Model", "models/base"), ("Min", "0"));
        project.Fails().Message.ShouldContain("DatasetChatTemplate");
    }

    [Fact]
    public void The_template_in_the_models_folder_counts_and_one_that_comes_later_too()
    {
        var project = Project();
        project.Properties.Remove("DatasetChatTemplate");
        project.Write("models/base/tokenizer_config.json", """{"chat_template":"{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"}""");
        project.Stage("Loss", ("Model", "models/base"), ("Min", "0"));
        project.Build()["Loss"].Kept.ShouldBe(Records);
        foreach (var file in Directory.EnumerateFiles(project.Root, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(project.CachePath, StringComparison.Ordinal)))
        {
            IncrementalTests.WaitUntilStampIsOld(file);
        }

        project.Build();
        project.UpToDate().ShouldNotBeNull();
        project.Write("models/base/chat_template.jinja", "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}");
        project.UpToDate().ShouldBeNull();
        project.Build()["Loss"].Scored.ShouldBe(Records);
    }

    [Fact]
    public void A_rating_is_the_mean_over_prompts_and_models()
    {
        var project = Project();
        project.Stage("Rating", ("Model", "models/base;models/tuned"), ("Weights", "1;3"), ("Prompts", "prompts.txt"), ("Keep", "50%"));

        project.Build()["Rating"].Scored.ShouldBe(2 * 3 * Records);

        foreach (var (row, number) in Scores(project).Select((row, number) => (row[0]!.Value, number)))
        {
            row.ShouldBe((Sentence(1, number) + (3 * Sentence(2, number))) / 4, 1e-6);
        }

        static double Sentence(int model, int record)
        {
            var ratings = Prompts.Select(prompt =>
            {
                var length = $"{prompt}\n\nInstruction:{Prompt(record)}\nResponse:{Response(record)}\nThe answer is: \n".Length;
                double[] p = [.. Enumerable.Range(0, 5).Select(score => (double)FakeModels.Probability(model, length, score))];
                var best = Array.IndexOf(p, p.Max());
                return (best + 1) * p.Sum(other => (p[best] - other) / p.Sum()) / 4;
            }).ToList();
            var deviation = Math.Sqrt(ratings.Average(rating => Math.Pow(rating - ratings.Average(), 2)));
            return ratings.Average() / (1 + (0.2 * deviation));
        }
    }

    [Fact]
    public void A_further_rating_prompt_costs_one_pass()
    {
        var project = Project();
        project.Stage("Rating", ("Model", "models/base"), ("Prompts", "prompts.txt"), ("Keep", "50%"));
        project.Build();
        project.Write("prompts.txt", string.Join('\n', Prompts.Append("And how else?")));

        project.Build().Scored.ShouldBe(Records);
    }

    [Fact]
    public void A_dry_run_measures_a_sample_where_no_rate_is_known_and_keeps_nothing()
    {
        var project = Project();
        project.Stage("Loss", ("Model", "models/base"), ("Keep", "50%"));
        Directory.CreateDirectory(project.StatePath);
        File.WriteAllText(project.PlanPath, project.PlanJson());

        var stage = Forecast.Of(Plan.Load(project.PlanPath), [], new Build(null), CancellationToken.None, models).Stages[0];

        (stage.ToScore, stage.Seconds is > 0).ShouldBe((Records, true));
        project.Build()["Loss"].Scored.ShouldBe(Records);
    }

    [Fact]
    public void Sampled_scores_are_the_same_again()
    {
        var project = Project();
        project.Stage("Ifd", ("Model", "models/base"), ("Keep", "50%"));
        project.Build();

        var checks = ScoreCheck.Run(project.CachePath, [Plan.Load(project.PlanPath)], 50, 1, null, new Build(null), CancellationToken.None, models);

        checks.Sum(check => check.Sampled).ShouldBe(50);
        checks.ShouldAllBe(check => check.Differences.Count == 0);
    }

    private static readonly string[] Prompts = ["How good is it?", "Rate it from 1 to 5.", "Is it of use?"];

    private static string Prompt(int i) => $"Question number {i}?";

    private static string Response(int i) => string.Concat(Enumerable.Range(0, 2 + (i % 9)).Select(word => $"{(char)('a' + ((i + word) % 26))}nswer {word * i} "));

    private static Dictionary<string, string> Declared(string kind, string parameters)
    {
        var metadata = parameters.Split(';').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        metadata["Kind"] = kind;
        foreach (var (name, value) in kind switch
        {
            "Learnability" => new[] { ("InitialModel", "models/base"), ("ReferenceModel", "models/tuned") },
            "Rating" => [("Model", "models/base"), ("Prompts", "prompts.txt")],
            _ => [("Model", "models/base")],
        })
        {
            metadata[name] = value;
        }

        if (!metadata.ContainsKey("Keep") && !metadata.ContainsKey("Band"))
        {
            metadata["Keep"] = "50%";
        }

        return metadata;
    }

    private TestProject Project(FakeModels? others = null)
    {
        var project = new TestProject(folder.At($"{projects++}")) { Models = others ?? models };
        project.Properties["DatasetChatTemplate"] = "Plain";
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, Records).Select(i => $$"""{"prompt":"{{Prompt(i)}}","completion":"{{Response(i)}}"}""")]);
        FakeModels.Write(project, "models/base", 1);
        FakeModels.Write(project, "models/tuned", 2);
        project.Write("prompts.txt", string.Join('\n', Prompts));
        return project;
    }

    /// <summary>The scores of all records in their order, stage by stage.</summary>
    private static List<double?[]> Scores(TestProject project)
    {
        var analysis = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None, models: project.Models);
        return [.. Enumerable.Range(0, analysis.Pool.Count).Select(new VerdictReader(analysis).Read).Select(verdict => verdict.Scores.Select(score => (double?)score).ToArray())];
    }
}
