using System.CommandLine;
using DatasetBuild.LanguageModels;
using DatasetBuild.Scoring;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>loss</c>: what a language model makes of sequences of tokens.</summary>
internal static class LossCommand
{
    private static readonly Option<string> Model = new("--model")
    {
        Required = true,
        Description = "The model: a folder with config.json and *.safetensors, as save_pretrained writes it.",
        HelpName = "DIR",
    };

    private static readonly Option<string> Ids = new("--ids")
    {
        Required = true,
        Description = "The sequences: a JSON array of arrays of token ids.",
        HelpName = "FILE",
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "At most so many threads; changes no bit of a loss. Default: all processors.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        CustomParser = argument => GivenValue.Number(argument, 1, 1024),
        HelpName = "N",
    };

    private static readonly Option<bool> AsJson = Invocation.JsonOption("an array with an array of losses for each sequence, one fewer than its tokens (null where one is not finite),");

    public static Command Create()
    {
        var command = new Command("loss", "Computes the loss of each token given those before it: its negative log-likelihood, in nats.") { Model, Ids, Threads, AsJson };
        return command.Running(Run);
    }

    private static int Run(ParseResult parsed, Screen screen, StopRequest stop)
    {
        using var model = new CpuLanguageModelLoader().Open(parsed.GetRequiredValue(Model), parsed.GetValue(Threads));
        var batch = TokenSequences.Read(parsed.GetRequiredValue(Ids), model);
        var losses = new float[batch.TokenCount];
        model.TokenLosses(batch, losses, stop.Token);
        if (parsed.GetValue(AsJson))
        {
            WriteJson(batch, losses);
        }
        else
        {
            Show(batch, losses, screen);
        }

        return ExitCodes.Done;
    }

    /// <summary>The losses of a sequence: its first token has none.</summary>
    private static ReadOnlySpan<float> Of(TokenBatch batch, float[] losses, int sequence) =>
        batch.Length(sequence) < 2 ? [] : losses.AsSpan(batch.Start(sequence) + 1, batch.Length(sequence) - 1);

    private static void WriteJson(TokenBatch batch, float[] losses) => Json.Write(
        json =>
        {
            json.WriteStartArray();
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                json.WriteStartArray();
                foreach (var loss in Of(batch, losses, sequence))
                {
                    if (float.IsFinite(loss))
                    {
                        json.WriteNumberValue(loss);
                    }
                    else
                    {
                        json.WriteNullValue();
                    }
                }

                json.WriteEndArray();
                json.FlushNowAndThen();
            }

            json.WriteEndArray();
        },
        indented: false);

    private static void Show(TokenBatch batch, float[] losses, Screen screen)
    {
        var table = Tables.Of(Column.Number("sequence"), Column.Number("tokens"), Column.Number("mean loss"), Column.Number("perplexity"));
        for (var sequence = 0; sequence < batch.Count; sequence++)
        {
            var sum = 0.0;
            var own = Of(batch, losses, sequence);
            foreach (var loss in own)
            {
                sum += loss;
            }

            table.Add(
                Numbers.Count(sequence),
                Numbers.Count(batch.Length(sequence)),
                own.IsEmpty ? "" : Numbers.Score(sum / own.Length),
                own.IsEmpty ? "" : Numbers.Score(Math.Exp(sum / own.Length)));
        }

        screen.Output.WriteTable(table);
    }
}
