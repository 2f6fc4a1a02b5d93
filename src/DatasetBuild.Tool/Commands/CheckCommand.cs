using System.CommandLine;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>check</c>: what the shards hold, and everything that is wrong with them.</summary>
internal static class CheckCommand
{
    private const int MostLines = 20;

    public static Command Create()
    {
        var project = new ProjectArguments();
        var paths = GivenShards.Argument();
        var json = Invocation.JsonOption("one JSON object a shard, in an array,");
        var command = new Command("check", "Reads all shards, names their dialects, and lists every record that cannot be read. Under DatasetChatTemplate and DatasetTokenizer it also counts what a trainer would do to records without telling.") { paths, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var given = GivenShards.Of(parsed.GetValue(paths) ?? [], path => project.Read(parsed, path), screen, stop);
            var settings = SettingsOf(given, screen, stop.Token);
            var trainer = settings is null ? null : TrainerReport.Of(given.Project!, settings);
            var checks = Watching.Run(screen, (IBuildObserver observer) => Check(given.Shards, given.MaxRecordBytes, trainer, observer, stop.Token));
            var mistake = settings is null ? null : SchemaMistake(settings, checks, given.Project!.Project);
            if (parsed.GetValue(json))
            {
                WriteJson(checks);
                if (mistake is not null)
                {
                    screen.Report(mistake);
                }
            }
            else
            {
                Show(checks, mistake, screen);
            }

            return mistake is not null || checks.Any(check => check.Errors.Count > 0) ? ExitCodes.Failed : ExitCodes.Done;
        });
    }

    /// <summary>The settings of a project. Making its stages finds the mistakes in them, which are part of what is checked.</summary>
    private static Settings? SettingsOf(GivenShards given, Screen screen, CancellationToken cancel)
    {
        if (given.Project is not { } plan)
        {
            return null;
        }

        var session = new BuildSession(plan, new StepObserver(screen, new LogRows(screen)), cancel, new Trial(), models: Engines.Models);
        StageCatalog.Make(session, [], StatTable.Load(Path.Combine(plan.StatePath, StatTable.FileName), screen.Report));
        return session.Settings;
    }

    /// <summary>Why the shards' records cannot be written together, or null.</summary>
    private static Diagnostic? SchemaMistake(Settings settings, ShardCheck[] checks, string project)
    {
        try
        {
            OutputPlan.ChooseSchema(settings, checks.SelectMany(check => check.Dialects).Aggregate(0, (set, use) => set | (1 << (int)use.Dialect)), project);
            return null;
        }
        catch (DatasetException error)
        {
            return error.Diagnostic;
        }
    }

    private static ShardCheck[] Check(IReadOnlyList<PlanShard> shards, int maxRecordBytes, TrainerReport? trainer, IBuildObserver observer, CancellationToken cancel)
    {
        var gate = new Lock();
        long done = 0;
        var checks = new ShardCheck[shards.Count];
        Parallel.For(0, shards.Count, new ParallelOptions { CancellationToken = cancel }, number => checks[number] = ShardCheck.Of(shards[number], maxRecordBytes, Count, cancel) with { Trainer = trainer?.OfShard(shards[number], cancel) ?? [] });
        return checks;

        void Count(int records)
        {
            lock (gate)
            {
                done += records;
                observer.Progress("Reading", done, 0, 0);
            }
        }
    }

    private static void Show(ShardCheck[] checks, Diagnostic? mistake, Screen screen)
    {
        var table = Tables.Of(Column.Prose("shard"), Column.Number("records"), Column.Number("errors"), new Column("form"), Column.Prose("dialect, known by"));
        foreach (var check in checks)
        {
            table.Add(
                check.Name,
                Numbers.Count(check.Records),
                Numbers.Count(check.Errors.Count),
                check.IsGzip ? $"{check.Container}, gzip" : check.Container,
                string.Join("; ", check.Dialects.Select(use => Describe(use, check.Dialects.Count))));
        }

        screen.Output.WriteTable(table);
        foreach (var check in checks)
        {
            ShowErrors(check, screen);
            if (check.IsBlank)
            {
                screen.Report(PoolShard.BlankWarning(check.Path));
            }
        }

        var warned = checks.Any(check => check.IsBlank || check.Trainer.Any());
        TrainerReport.Show(TrainerReport.Sum(checks.SelectMany(check => check.Trainer)), screen);
        if (mistake is not null)
        {
            screen.Report(mistake);
        }

        var errors = checks.Sum(check => (long)check.Errors.Count) + (mistake is null ? 0 : 1);
        var found = $"{Numbers.Counted(checks.Sum(check => (long)check.Records), "record")} in {Numbers.Counted(checks.Length, "shard")}";
        screen.Say(errors == 0 ? $"{found}, {(warned ? "no errors" : "nothing is wrong")}." : $"{found}, {Numbers.Counted(errors, "error")}.");
    }

    /// <summary>
    /// All errors of a shard. A file of the wrong kind has one and the same in each record: a person reads it once, with the lines that have it; in a
    /// file or a pipe every place has a line of its own.
    /// </summary>
    private static void ShowErrors(ShardCheck check, Screen screen)
    {
        foreach (var same in check.Errors.GroupBy(error => (error.Code, error.Message)))
        {
            var errors = same.ToList();
            if (!Screen.OutputIsTerminal || screen.Verbosity > Verbosity.Normal || errors.Count < 3)
            {
                errors.ForEach(screen.Answer);
                continue;
            }

            screen.Answer(errors[0]);
            var more = errors.Count - 1 > MostLines ? $" and {Numbers.Count(errors.Count - 1 - MostLines)} more; `-v detailed` lists each" : "";
            screen.Output.Line($"    the same on the lines {string.Join(", ", errors.Skip(1).Take(MostLines).Select(error => error.Line))}{more}");
        }
    }

    private static string Describe(DialectUse use, int dialects) =>
        $"{use.Dialect} ({string.Join(", ", use.Fields)}){(dialects > 1 ? $": {Numbers.Count(use.Records)}" : "")}";

    private static void WriteJson(ShardCheck[] checks) => Json.Write(json =>
    {
        json.WriteStartArray();
        foreach (var check in checks)
        {
            json.WriteStartObject();
            json.WriteString("shard", check.Name);
            json.WriteString("path", check.Path);
            json.WriteNumber("records", check.Records);
            json.WriteString("container", check.Container);
            json.WriteBoolean("gzip", check.IsGzip);
            json.WriteBoolean("blank", check.IsBlank);
            json.WriteStartArray("dialects");
            foreach (var use in check.Dialects)
            {
                json.WriteStartObject();
                json.WriteString("dialect", use.Dialect.ToString());
                json.WriteNumber("records", use.Records);
                json.WriteTexts("fields", use.Fields);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("errors");
            foreach (var error in check.Errors)
            {
                json.WriteStartObject();
                json.WriteNumber("line", error.Line);
                json.WriteNumber("column", error.Column);
                json.WriteString("code", error.Code);
                json.WriteString("message", error.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            TrainerReport.WriteTo(json, check.Trainer);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
