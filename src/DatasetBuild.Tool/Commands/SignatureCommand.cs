using System.CommandLine;
using System.Globalization;
using System.Text;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>signature</c>: the MinHash signature of a text, to be compared with that of another system.</summary>
internal static class SignatureCommand
{
    private const int MostShown = 4;

    private static readonly Argument<string?> Text = new(CommandLine.TextName) { Arity = ArgumentArity.ZeroOrOne, Description = "The text." };

    private static readonly Option<string?> File = new("--file", "-f") { Description = "Reads the texts from a JSON array of strings instead.", HelpName = "FILE" };

    private static readonly Option<string> Preset = new("--preset")
    {
        Description = "DataTrove (the default): datatrove's constants and normalisation, with words that end at white space. None: those of a NearDedup stage without parameters.",
        HelpName = "PRESET",
        DefaultValueFactory = _ => nameof(Presets.DataTrove),
        CompletionSources = { nameof(Presets.DataTrove), nameof(Presets.None) },
    };

    private static readonly Option<string[]> Given = new("--parameter")
    {
        Description = "A parameter of a NearDedup stage that decides its band keys, such as Threshold=0.7 or ShingleSize=3, instead of a preset. It may be given several times.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = argument => GivenValue.Pairs(argument, "parameter"),
    };

    private static readonly Option<bool> AsJson = Invocation.JsonOption(
        "an array with {\"text\",\"simplified\",\"signature\",\"bands\"} for each text, the numbers as strings; signature is null for a text that is too short for a shingle,");

    private enum Presets
    {
        DataTrove,
        None,
    }

    public static Command Create()
    {
        var command = new Command("signature", "Shows what near duplicates are found by: the folded text, its MinHash signature, and the band keys that are stored.") { Text, File, Preset, Given, AsJson };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Text) is { Tokens.Count: > 0 } == result.GetValue(File) is not null)
            {
                result.AddError("Give either a TEXT or --file.");
            }

            // The default is not there yet while what was typed is checked.
            if (result.GetValue(Preset) is { } preset && !Enum.TryParse<Presets>(preset, ignoreCase: true, out _))
            {
                result.AddError("--preset is DataTrove or None.");
            }

            if (result.GetResult(Preset) is { Implicit: false } && result.GetResult(Given) is not null)
            {
                result.AddError("Give either --preset or --parameter.");
            }
        });
        return command.Running((parsed, screen, stop) =>
        {
            var scorer = new NearDuplicateScorer(Rule(parsed));
            var texts = parsed.GetValue(File) is { } source ? TextsToEncode.Read(source) : [new TextToEncode(parsed.GetValue(Text)!, null)];
            if (texts.Any(text => text.Pair is not null))
            {
                throw new UsageException("a pair has no signature. Give one string for each text.");
            }

            if (parsed.GetValue(AsJson))
            {
                WriteJson(scorer, texts, stop.Token);
            }
            else
            {
                Show(scorer, texts, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static NearDuplicateRule Rule(ParseResult parsed)
    {
        if (parsed.GetValue(Given) is { Length: > 0 } pairs)
        {
            var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var pair in pairs)
            {
                values[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
            }

            return NearDuplicateStages.RuleOf(new Parameters("--parameter", values, ItemLocation.Any("", "SelectorStage")));
        }

        return Enum.Parse<Presets>(parsed.GetValue(Preset)!, ignoreCase: true) == Presets.DataTrove ? NearDuplicateRule.DataTrove(Part.Record) : NearDuplicateRule.Default(Part.Record);
    }

    private static void WriteJson(NearDuplicateScorer scorer, IReadOnlyList<TextToEncode> texts, CancellationToken cancel) => Json.Write(
        json =>
        {
            json.WriteStartArray();
            foreach (var (text, _) in texts)
            {
                cancel.ThrowIfCancellationRequested();
                var signature = scorer.SignatureOf(Encoding.UTF8.GetBytes(text), out var folded);
                json.WriteStartObject();
                json.WriteString("text", text);
                json.WriteString("simplified", folded);
                if (signature is null)
                {
                    json.WriteNull("signature");
                    json.WriteNull("bands");
                }
                else
                {
                    json.WriteTexts("signature", signature.Select(Decimal));
                    json.WriteTexts("bands", scorer.BandsOf(signature).Select(Decimal));
                }

                json.WriteEndObject();
                json.FlushNowAndThen();
            }

            json.WriteEndArray();
        },
        indented: false);

    private static void Show(NearDuplicateScorer scorer, IReadOnlyList<TextToEncode> texts, Screen screen)
    {
        foreach (var (text, _) in texts)
        {
            var signature = scorer.SignatureOf(Encoding.UTF8.GetBytes(text), out var folded);
            screen.Output.Line($"\"{folded}\"");
            screen.Output.Line(signature is null
                ? "too short for a shingle: compared as a whole"
                : $"{signature.Length} values: {string.Join(' ', signature.Take(MostShown).Select(Decimal))} …; {scorer.Rule.Bands.Bands} bands of {scorer.Rule.Bands.Rows}: {string.Join(' ', scorer.BandsOf(signature).Take(MostShown).Select(Decimal))} …");
        }
    }

    private static string Decimal(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
