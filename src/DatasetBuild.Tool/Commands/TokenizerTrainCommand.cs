using System.CommandLine;
using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Tokenization;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>tokenizer train</c>: a byte-level BPE tokenizer from the texts of shards.</summary>
internal static class TokenizerTrainCommand
{
    private const int RecordsAStep = 1024;
    private const string DefaultPattern = "cl100k";

    private static readonly Option<FileInfo> Target = new("--output", "-o")
    {
        Required = true,
        Description = "The tokenizer.json to write. One that is there is replaced; another file never is.",
        HelpName = "FILE",
    };

    private static readonly Option<int> VocabularySize = new("--vocab-size")
    {
        Description = "Tokens in all: the 256 bytes, the merges, the special tokens. Where no pair is left there are fewer.",
        HelpName = "N",
        DefaultValueFactory = _ => 32000,
        CustomParser = argument => GivenValue.Number(argument, 1, int.MaxValue),
    };

    private static readonly Option<TrainingPattern?> Pattern = new("--pattern")
    {
        Description = $"How texts are cut before merging: {string.Join(", ", TrainingPattern.Names)}, or a regular expression. The default is {DefaultPattern}.",
        HelpName = "PATTERN",
        CustomParser = argument =>
        {
            try
            {
                return TrainingPattern.Parse(argument.Tokens[0].Value);
            }
            catch (DatasetException mistake)
            {
                argument.AddError(mistake.Diagnostic.Message);
                return null;
            }
        },
    };

    private static readonly Option<Part> Texts = new("--part")
    {
        Description = "Which texts of each record: Record, Prompt, Response or LastResponse.",
        HelpName = "PART",
        DefaultValueFactory = _ => Part.Record,
        CustomParser = GivenValue.Name<Part>,
    };

    private static readonly Option<string[]> SpecialTokens = new("--special-token")
    {
        Description = "A token that stands for itself, such as <|endoftext|>; it may be given several times. They get the highest ids.",
        HelpName = "TOKEN",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int> MinFrequency = new("--min-frequency")
    {
        Description = "A pair that occurs less often is not merged.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = argument => GivenValue.Number(argument, 1, int.MaxValue),
    };

    public static Command Create()
    {
        var project = new ProjectArguments();
        var paths = GivenShards.Argument();
        var json = Invocation.JsonOption("what was read and made as a JSON object");
        var command = new Command(
            "train",
            "Trains a byte-level BPE tokenizer on the texts of shards and writes it as a tokenizer.json of Hugging Face. The same shards give the same file; of equally frequent pairs the one that occurs first is merged first.")
        {
            paths, Target, VocabularySize, Pattern, Texts, SpecialTokens, MinFrequency, json,
        };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var target = parsed.GetRequiredValue(Target);
            var trainer = Trainer(parsed);
            var given = GivenShards.Of(parsed.GetValue(paths) ?? [], path => project.Read(parsed, path), screen, stop);
            given.Shards.ToList().ForEach(shard => UnusableFile.Refuse(shard.FullPath));
            RefuseTarget(target, given);
            var (records, tokenizer) = Watching.Run(screen, (IBuildObserver observer) => Train(trainer, given, parsed.GetValue(Texts), observer, stop.Token));
            using var file = new MemoryStream();
            tokenizer.Write(file);
            Written(target, () => PrivateFile.Write(target.FullName, file.GetBuffer().AsSpan(0, (int)file.Length)));
            if (parsed.GetValue(json))
            {
                WriteJson(target, tokenizer, trainer, records);
            }
            else
            {
                Show(target, tokenizer, trainer, records, screen);
            }

            return ExitCodes.Done;
        }, stopped: "No tokenizer was written.");
    }

    /// <summary>What stands at the place of the output is replaced only if it is a tokenizer, and none of the shards.</summary>
    private static void RefuseTarget(FileInfo target, GivenShards given)
    {
        var paths = new RealPaths();
        if (given.Shards.Any(shard => paths.Of(shard.FullPath) == paths.Of(target.FullName)))
        {
            throw new UsageException($"--output '{target}' is one of the shards that are read. Name another file.");
        }

        if (target.Exists || Directory.Exists(target.FullName))
        {
            if (UnusableFile.Describe(target.FullName) is { } problem)
            {
                throw new UsageException($"--output '{target}' cannot be written: {problem}. Name another file.");
            }

            if (!IsTokenizer(target))
            {
                throw new UsageException($"--output '{target}' is there and is no tokenizer.json. Name another file, or delete it.");
            }
        }

        Written(target, () => PrivateFile.TryOut(target.DirectoryName!));
    }

    private static bool IsTokenizer(FileInfo file)
    {
        try
        {
            using var content = file.OpenRead();
            if (content.Length == 0)
            {
                return true; // as a program leaves it that makes a name for a file to come
            }

            using var json = JsonDocument.Parse(content);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("model", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Written(FileInfo target, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(ProjectCodes.CannotWrite, "the tokenizer cannot be written there. Check the folder and its permissions, or name another file.", target.FullName, inner: error);
        }
    }

    private static TokenizerTrainer Trainer(ParseResult parsed)
    {
        try
        {
            return new TokenizerTrainer(new TrainingOptions(
                parsed.GetValue(Pattern) ?? TrainingPattern.Parse(DefaultPattern), parsed.GetValue(VocabularySize), parsed.GetValue(SpecialTokens) ?? [], parsed.GetValue(MinFrequency)));
        }
        catch (DatasetException mistake)
        {
            throw new UsageException(mistake.Diagnostic.Message);
        }
    }

    private static (long Records, TrainedTokenizer Tokenizer) Train(TokenizerTrainer trainer, GivenShards given, Part part, IBuildObserver observer, CancellationToken cancel)
    {
        var records = 0L;
        foreach (var shard in given.Shards)
        {
            ShardTexts.Read(shard.FullPath, shard.Shape, part, given.MaxRecordBytes, trainer.Add, () =>
            {
                if (++records % RecordsAStep == 0)
                {
                    cancel.ThrowIfCancellationRequested();
                    observer.Progress("Reading", records, 0, 0);
                }
            });
        }

        if (trainer.Pieces == 0)
        {
            throw new DatasetException(
                TokenizerErrors.NothingToTrain, $"There is no text to train on: the shards hold {(records == 0 ? "no record" : $"{Numbers.Counted(records, "record")}, none with a text that --part {part} takes")}. Name other shards, or another --part.");
        }

        return (records, trainer.Train((done, most) => observer.Progress("Merging", done, most, 0), cancel));
    }

    private static void Show(FileInfo target, TrainedTokenizer tokenizer, TokenizerTrainer trainer, long records, Screen screen)
    {
        var table = Tables.Of(new Column("trained on"), Column.Number(""));
        table.Add("records", Numbers.Count(records));
        table.Add("texts", Numbers.Count(trainer.Texts));
        table.Add("bytes", Numbers.Count(trainer.Bytes));
        table.Add("pieces", Numbers.Count(trainer.Pieces));
        table.Add("different pieces", Numbers.Count(trainer.PiecesOnce));
        screen.Output.WriteTable(table);
        screen.Output.Line($"{Visible.Of(target.Name)}: {Numbers.Count(tokenizer.VocabularySize)} tokens, {Numbers.Count(tokenizer.MergeCount)} merges");
    }

    private static void WriteJson(FileInfo target, TrainedTokenizer tokenizer, TokenizerTrainer trainer, long records) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("file", target.FullName);
        json.WriteNumber("vocabulary", tokenizer.VocabularySize);
        json.WriteNumber("merges", tokenizer.MergeCount);
        json.WriteTexts("specialTokens", tokenizer.SpecialTokens);
        json.WriteNumber("records", records);
        json.WriteNumber("texts", trainer.Texts);
        json.WriteNumber("bytes", trainer.Bytes);
        json.WriteNumber("pieces", trainer.Pieces);
        json.WriteNumber("differentPieces", trainer.PiecesOnce);
        json.WriteEndObject();
    });
}
