using System.CommandLine;
using System.Text.Json;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>tokenize</c>: what a tokenizer makes of a text.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var tokenizer = new Option<string>("--tokenizer")
        {
            Required = true,
            Description = "The tokenizer: a tokenizer.json, a folder that holds one, or a rank file (.tiktoken).",
            HelpName = "FILE",
        };
        var file = new Option<string?>("--file", "-f") { Description = "Reads the texts from a JSON array of strings instead.", HelpName = "FILE" };
        var text = new Argument<string?>("TEXT") { Arity = ArgumentArity.ZeroOrOne, Description = "The text. Special tokens in it are plain text." };
        var json = Invocation.JsonOption("an array with {\"ids\",\"tokens\",\"offsets\"} for each text");
        var command = new Command("tokenize", "Shows the tokens of a text: id, piece, and its place in Unicode code points.") { text, tokenizer, file, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(text) is { Tokens.Count: > 0 } == result.GetValue(file) is not null)
            {
                result.AddError("Give either a TEXT or --file.");
            }
        });
        return command.Running((parsed, screen, stop) =>
        {
            var path = parsed.GetRequiredValue(tokenizer);
            var view = new TokenView(Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path);
            var texts = parsed.GetValue(file) is { } source ? ReadTexts(source) : [parsed.GetValue(text)!];
            if (parsed.GetValue(json))
            {
                WriteJson(view, texts, stop.Token);
            }
            else
            {
                texts.ForEach(one => Show(view.Encode(one), screen));
            }

            return ExitCodes.Done;
        });
    }

    private static List<string> ReadTexts(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"the file '{path}' does not exist.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. json.RootElement.EnumerateArray().Select(text => text.GetString() ?? throw new InvalidOperationException("null is no text."))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new UsageException($"'{path}' is not a JSON array of strings: {error.Message}");
        }
    }

    private static void WriteJson(TokenView view, List<string> texts, CancellationToken cancel) => Json.Write(json =>
    {
        json.WriteStartArray();
        foreach (var text in texts)
        {
            cancel.ThrowIfCancellationRequested();
            var tokens = view.Encode(text);
            json.WriteStartObject();
            json.WriteStartArray("ids");
            tokens.ForEach(token => json.WriteNumberValue(token.Id));
            json.WriteEndArray();
            json.WriteTexts("tokens", tokens.Select(token => token.Text));
            json.WriteStartArray("offsets");
            foreach (var token in tokens)
            {
                json.WriteStartArray();
                json.WriteNumberValue(token.Start);
                json.WriteNumberValue(token.End);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.FlushNowAndThen();
        }

        json.WriteEndArray();
    }, indented: false);

    private static void Show(List<ShownToken> tokens, Screen screen)
    {
        var table = Tables.Of(Column.Number("id"), Column.Prose("token"), Column.Number("start"), Column.Number("end"));
        foreach (var token in tokens)
        {
            table.Add(Numbers.Score(token.Id), $"\"{token.Text}\"", Numbers.Score(token.Start), Numbers.Score(token.End));
        }

        screen.Output.WriteTable(table);
        screen.Output.Line(tokens.Count == 1 ? "1 token" : $"{Numbers.Count(tokens.Count)} tokens");
    }
}
