using System.CommandLine;
using System.Text;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>render</c>: the text and the tokens that training sees of a record, or what a template makes of cases.</summary>
internal static class RenderCommand
{
    private static readonly Option<string?> Template = new("--template")
    {
        Description = "The chat template: a file, a folder, or the name of a built-in one; DatasetChatTemplate where not given. #NAME behind a path takes one of several.",
        HelpName = "FILE|NAME",
    };

    private static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "The tokenizer; DatasetTokenizer where not given.", HelpName = "FILE" };

    private static readonly Option<string?> Cases = new("--cases")
    {
        Description = "Renders the cases of a JSON file instead: an array of objects with messages, and where wanted tools, add_generation_prompt, bos_token, eos_token, variables, date. No project is needed.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> AsJson = Invocation.JsonOption(
        "{\"text\",\"ids\",\"mask\",\"weights\",\"offsets\"}, offsets in code points (an array of them for a record of several conversations); of --cases an array of {\"rendered\"} or {\"error\"},");

    public static Command Create()
    {
        var project = new ProjectArguments();
        var record = new Argument<string?>("RECORD") { Arity = ArgumentArity.ZeroOrOne, Description = "The record, as shard:line. A single argument is the record." };
        var command = new Command("render", "Shows a record as training sees it: what is not supervised is dimmed, a bar stands between tokens.") { project.Project, record, Template, Tokenizer, Cases, AsJson };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            if (parsed.GetValue(Cases) is { } cases)
            {
                return RenderCases(parsed.GetValue(Template) ?? throw new UsageException("--cases needs a --template."), cases, parsed.GetValue(AsJson), screen);
            }

            var (where, place) = parsed.GetValue(record) is { } second ? (parsed.GetValue(project.Project), second)
                : (null, parsed.GetValue(project.Project) ?? throw new UsageException("which record? Name it by shard:line."));
            var plan = ProjectPlan.Current(project.Read(parsed, where), screen, stop);
            return RenderRecord(plan, place, parsed, screen, stop);
        });
    }

    private static int RenderCases(string template, string path, bool asJson, Screen screen)
    {
        var cases = TemplateCase.ReadAll(path);
        IReadOnlyList<(string? Text, string? Error)> answers;
        try
        {
            var chosen = Named(template);
            answers = [.. cases.Select(one => one.Render(chosen))];
        }
        catch (DatasetException failure) when (failure.Diagnostic.Code is ChatErrors.Syntax or ChatErrors.Unsupported or ChatErrors.TooMuchWork)
        {
            // To whoever renders a conversation with it, a template that cannot be read fails on each.
            screen.Report(failure.Diagnostic);
            answers = [.. cases.Select(_ => ((string?)null, (string?)failure.Diagnostic.Message))];
        }

        if (asJson)
        {
            Json.Write(
                json =>
                {
                    json.WriteStartArray();
                    foreach (var (text, error) in answers)
                    {
                        json.WriteStartObject();
                        json.WriteString(text is null ? "error" : "rendered", text ?? error);
                        json.WriteEndObject();
                        json.FlushNowAndThen();
                    }

                    json.WriteEndArray();
                },
                indented: false);
        }
        else
        {
            foreach (var (text, error) in answers)
            {
                screen.Output.Line(text ?? $"error: {error}");
            }
        }

        return answers.Any(answer => answer.Text is null) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static ChatTemplate Named(string template) =>
        ChatTemplate.IsBuiltIn(template) ? ChatTemplate.BuiltIn(template)
        : template.LastIndexOf('#') is var at and > 0 && !System.IO.File.Exists(template) ? ChatTemplate.Load(template[..at], template[(at + 1)..])
        : ChatTemplate.Load(template);

    private static int RenderRecord(Plan plan, string place, ParseResult parsed, Screen screen, StopRequest stop)
    {
        var settings = new Settings(plan);
        var declared = parsed.GetValue(Template) is { } given ? (ChatTemplate.IsBuiltIn(given) ? given : Path.GetFullPath(given)) : settings.ChatTemplate
            ?? throw new UsageException("the project has no DatasetChatTemplate. Set it, or give --template.");
        var tokenizer = (parsed.GetValue(Tokenizer) is { } other ? Path.GetFullPath(other) : settings.Tokenizer)
            ?? throw new UsageException("the project has no DatasetTokenizer. Set it, or give --tokenizer.");
        var template = TemplateCache.Open(plan, declared, tokenizer, []);
        var tokens = GivenTokenizer.Load(plan.Resolve(tokenizer), tokenizer);
        var encoder = new ConversationEncoder(template, tokens, new EncodingOptions { MaxLength = settings.MaxLength, TooLong = TooLong.Score, Date = settings.Date });
        var (path, line, conversations) = RecordOnLine.Read(plan, settings, place, stop.Token);
        var all = new List<(EncodedConversation Encoded, MissingReason? Missing)>();
        foreach (var canonical in conversations)
        {
            var encoded = new EncodedConversation();
            try
            {
                all.Add((encoded, encoder.Encode(new Conversation(canonical), encoded)));
            }
            catch (DatasetException failure)
            {
                throw FailedRecord.At(failure, path, line);
            }
        }

        if (parsed.GetValue(AsJson))
        {
            WriteJson(all);
        }
        else
        {
            all.ForEach(one => Show(one.Encoded, one.Missing, screen));
        }

        return ExitCodes.Done;
    }

    private static void WriteJson(List<(EncodedConversation Encoded, MissingReason? Missing)> all) => Json.Write(
        json =>
        {
            if (all.Count != 1)
            {
                json.WriteStartArray();
            }

            foreach (var (encoded, missing) in all)
            {
                json.WriteStartObject();
                json.WriteString("text", encoded.Text);
                json.WriteStartArray("ids");
                encoded.Ids.ForEach(json.WriteNumberValue);
                json.WriteEndArray();
                json.WriteStartArray("mask");
                encoded.Weights.ForEach(weight => json.WriteNumberValue(weight != 0 ? 1 : 0));
                json.WriteEndArray();
                json.WriteStartArray("weights");
                encoded.Weights.ForEach(json.WriteNumberValue);
                json.WriteEndArray();
                json.WriteStartArray("offsets");
                var places = new CodePointPlaces(Encoding.UTF8.GetBytes(encoded.Text));
                foreach (var (start, end) in encoded.Offsets)
                {
                    var place = places.Of(start, end);
                    json.WriteStartArray();
                    json.WriteNumberValue(place.Start);
                    json.WriteNumberValue(place.End);
                    json.WriteEndArray();
                }

                json.WriteEndArray();
                json.WriteBoolean("truncated", encoded.IsTruncated);
                json.WriteString("missing", missing is { } reason ? MissingReasons.Describe(reason) : null);
                json.WriteEndObject();
            }

            if (all.Count != 1)
            {
                json.WriteEndArray();
            }
        },
        indented: false);

    /// <summary>The text with a bar between tokens; what counts is bright in a terminal, and stands in «» elsewhere.</summary>
    private static void Show(EncodedConversation encoded, MissingReason? missing, Screen screen)
    {
        var utf8 = Encoding.UTF8.GetBytes(encoded.Text);
        var isStyled = screen.Output.Profile.Capabilities.Ansi;
        var shown = new StringBuilder();
        var wasSupervised = false;
        var at = 0;
        for (var i = 0; i < encoded.Ids.Count; i++)
        {
            var (start, end) = encoded.Offsets[i];
            var isSupervised = encoded.Weights[i] != 0;
            if (!isStyled && isSupervised != wasSupervised)
            {
                shown.Append(isSupervised ? "«" : "»");
            }

            wasSupervised = isSupervised;
            var text = Markup.Escape(Reporting.Visible.Of(Encoding.UTF8.GetString(utf8.AsSpan(Math.Min(at, start), Math.Max(at, end) - Math.Min(at, start)))).Replace("\\n", "\\n\n", StringComparison.Ordinal));
            at = Math.Max(at, end);
            shown.Append(isSupervised ? text : $"[dim]{text}[/]").Append(i + 1 < encoded.Ids.Count ? "[grey]|[/]" : "");
        }

        shown.Append(!isStyled && wasSupervised ? "»" : "");
        if (encoded.IsTruncated && at < utf8.Length)
        {
            shown.Append("[red]… cut off[/]");
        }

        screen.Output.StyledLine(shown.ToString());
        var why = missing is { } reason ? $", no value: {MissingReasons.Describe(reason)}" : "";
        screen.Say($"{Numbers.Counted(encoded.Ids.Count, "token")}, {Numbers.Count(encoded.Weights.Count(weight => weight != 0))} supervised{(encoded.IsTruncated ? ", cut" : "")}{why}");
    }
}
