using System.CommandLine;
using System.Text.Json;
using DatasetBuild.Tokenization;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>tokenize</c>: what a tokenizer makes of a text.</summary>
internal static class TokenizeCommand
{
    private static readonly Option<string> Tokenizer = new("--tokenizer")
    {
        Required = true,
        Description = "The tokenizer: a tokenizer.json, a rank file (.tiktoken), a SentencePiece model, or a folder that holds a tokenizer.json or tokenizer.model.",
        HelpName = "FILE",
    };

    private static readonly Argument<string?> Text = new(CommandLine.TextName)
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The text. Added tokens of a tokenizer.json are found in it, as the library of such files does it.",
    };

    private static readonly Option<string?> Pair = new("--pair") { Description = "A second text that is encoded together with TEXT.", HelpName = CommandLine.TextName };

    private static readonly Option<string?> File = new("--file", "-f")
    {
        Description = "Reads the texts from a JSON array instead; an element is a string, or an array of two for a pair. A dash reads standard input.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Special = new("--special") { Description = "Adds the tokens that the tokenizer puts around and between texts." };
    private static readonly Option<bool> NoSpecial = new("--no-special") { Description = "Adds none, which is the default; added tokens in the text are found all the same." };
    private static readonly Option<bool> Skip = new("--skip-special") { Description = "Leaves special tokens out of \"decoded\"." };
    private static readonly Option<bool> AsJson = Invocation.JsonOption(
        "an array with {\"ids\",\"tokens\",\"offsets\",\"type_ids\",\"special_tokens_mask\",\"decoded\"} for each text, or {\"error\"} for one without an encoding,");

    public static Command Create()
    {
        var command = new Command(
            "tokenize",
            "Shows the tokens of a text: id, piece, and its place in Unicode code points. Neither the truncation nor the padding of a tokenizer.json is applied.")
        {
            Text, Pair, Tokenizer, File, Special, NoSpecial, Skip, AsJson,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Text) is { Tokens.Count: > 0 } == result.GetValue(File) is not null)
            {
                result.AddError("Give either a TEXT or --file.");
            }

            if (result.GetValue(Pair) is not null && result.GetValue(File) is not null)
            {
                result.AddError("In a --file a pair is an array of two texts; --pair goes with a TEXT.");
            }

            if (result.GetValue(Special) && result.GetValue(NoSpecial))
            {
                result.AddError("Give either --special or --no-special.");
            }
        });
        return command.Running(Run);
    }

    private static int Run(ParseResult parsed, Screen screen, StopRequest stop)
    {
        var path = parsed.GetRequiredValue(Tokenizer);
        var tokenizer = GivenTokenizer.Load(Path.GetFullPath(path), path);
        var texts = parsed.GetValue(File) is { } source ? TextsToEncode.Read(source) : [new TextToEncode(parsed.GetValue(Text)!, parsed.GetValue(Pair))];
        var special = parsed.GetValue(Special);
        if (parsed.GetValue(AsJson))
        {
            return WriteJson(tokenizer, texts, special, parsed.GetValue(Skip), stop.Token);
        }

        var code = ExitCodes.Done;
        foreach (var (number, text) in texts.Index())
        {
            try
            {
                Show(tokenizer.EncodeText(text.Text, text.Pair, special), screen);
            }
            catch (DatasetException failure) when (texts.Count > 1)
            {
                screen.Report(failure.Diagnostic with { Message = $"element {number}: {failure.Diagnostic.Message}" });
                code = ExitCodes.Failed;
            }
        }

        return code;
    }

    private static int WriteJson(ITokenizer tokenizer, IReadOnlyList<TextToEncode> texts, bool special, bool skip, CancellationToken cancel)
    {
        var code = ExitCodes.Done;
        Json.Write(
            json =>
            {
                json.WriteStartArray();
                foreach (var text in texts)
                {
                    cancel.ThrowIfCancellationRequested();
                    json.WriteStartObject();
                    try
                    {
                        var encoded = tokenizer.EncodeText(text.Text, text.Pair, special);
                        Write(json, encoded, tokenizer.Decode([.. encoded.Ids], skip));
                    }
                    catch (DatasetException failure)
                    {
                        json.WriteStartObject("error");
                        json.WriteString("code", failure.Diagnostic.Code);
                        json.WriteString("message", failure.Diagnostic.Message);
                        json.WriteEndObject();
                        code = ExitCodes.Failed;
                    }

                    json.WriteEndObject();
                    json.FlushNowAndThen();
                }

                json.WriteEndArray();
            },
            indented: false);
        return code;
    }

    private static void Write(Utf8JsonWriter json, EncodedText encoded, string decoded)
    {
        WriteNumbers(json, "ids", encoded.Ids);
        json.WriteTexts("tokens", encoded.Tokens);
        json.WriteStartArray("offsets");
        foreach (var (start, end) in encoded.Offsets)
        {
            json.WriteStartArray();
            json.WriteNumberValue(start);
            json.WriteNumberValue(end);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        WriteNumbers(json, "type_ids", encoded.TypeIds);
        WriteNumbers(json, "special_tokens_mask", encoded.SpecialTokensMask);
        json.WriteString("decoded", decoded);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void Show(EncodedText encoded, Screen screen)
    {
        var table = Tables.Of(Column.Number("id"), Column.Prose("token"), Column.Number("start"), Column.Number("end"));
        for (var i = 0; i < encoded.Ids.Count; i++)
        {
            var (start, end) = encoded.Offsets[i];
            table.Add(Numbers.Score(encoded.Ids[i]), $"\"{encoded.Tokens[i]}\"", Numbers.Score(start), Numbers.Score(end));
        }

        screen.Output.WriteTable(table);
        screen.Output.Line(encoded.Ids.Count == 1 ? "1 token" : $"{Numbers.Count(encoded.Ids.Count)} tokens");
    }
}
