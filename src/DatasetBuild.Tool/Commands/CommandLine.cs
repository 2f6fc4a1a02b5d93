using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Commands;

/// <summary>All commands of <c>dotnet dataset</c>.</summary>
internal static partial class CommandLine
{
    /// <summary>What an option or argument is called that takes a text as it is, even an empty one.</summary>
    public const string TextName = "TEXT";

    // Not inlined: the engine's start must not load a parser that it does not use.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(string[] args)
    {
        var root = new RootCommand(
            """
            Builds fine-tuning data sets from project files, and answers questions about them.

            Exit codes: 0 done, 1 failed, 2 a mistake in the command line or the project, 3 stale (status --check), 130 interrupted.
            """)
        {
            BuildCommand.Create(),
            StatusCommand.Create(),
            ExplainCommand.Create(),
            DiffCommand.Create(),
            ScoresCommand.Create(),
            CheckCommand.Create(),
            StatsCommand.Create(),
            ClustersCommand.Create(),
            TokenizeCommand.Create(),
            TokenizerCommand.Create(),
            LossCommand.Create(),
            RenderCommand.Create(),
            SignatureCommand.Create(),
            CacheCommand.Create(),
            CompletionsCommand.Create(),
        };

        // A text that starts with '@' is a text.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (args.Length == 0)
        {
            // Whoever types nothing else wants to know what there is.
            root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
            return ExitCodes.Mistake;
        }

        if (Mistake(parsed, args) is { } mistake)
        {
            Console.Error.WriteLine(mistake);
            Console.Error.WriteLine($"`{CommandPath(parsed)} --help` lists what there is.");
            if (WordsBeforeHyphens(args).Contains(Invocation.JsonName))
            {
                FailureJson.Write(ExitCodes.Mistake, [new Diagnostic(Severity.Error, ProjectCodes.CommandLine, mistake)]);
            }

            return ExitCodes.Mistake;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>What is wrong with the words themselves, whatever the command would make of them.</summary>
    private static string? Mistake(ParseResult parsed, string[] args)
    {
        if (parsed.Action is ParseErrorAction)
        {
            return UnknownCommand(parsed) is { } word
                ? $"`{CommandPath(parsed)}` has no command '{word}'.{Guess(word, parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}"
                : string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal));
        }

        if (parsed.Action != parsed.CommandResult.Command.Action)
        {
            return null; // --help and --version
        }

        if (UnknownOption(parsed, args) is { } unknown)
        {
            var options = parsed.CommandResult.Command.Options.SelectMany(option => option.Aliases.Prepend(option.Name));
            return $"`{CommandPath(parsed)}` has no option '{unknown}'.{Guess(unknown.Split('=', ':')[0], options)} What is no option goes behind `--`.";
        }

        return EmptyValue(parsed) is { } name ? $"{name} is empty. Did a variable of the shell have no value?" : null;
    }

    private static string Guess(string word, IEnumerable<string> names) => Spelling.Nearest(word, names) is { } near ? $" Did you mean {near}?" : "";

    private static IEnumerable<string> WordsBeforeHyphens(string[] args) => args.TakeWhile(word => word != "--");

    /// <summary>An option or argument that was given nothing; only a text may be empty.</summary>
    private static string? EmptyValue(ParseResult parsed) => parsed.CommandResult.Children.Select(result => result switch
    {
        OptionResult option when IsEmpty(option) && option.Option.HelpName != TextName => option.Option.Name,
        ArgumentResult argument when IsEmpty(argument) && argument.Argument.Name != TextName => argument.Argument.Name,
        _ => null,
    }).FirstOrDefault(name => name is not null);

    private static bool IsEmpty(SymbolResult result) => result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value));

    /// <summary>The word that stands where a command is missing.</summary>
    private static string? UnknownCommand(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..] && !word.StartsWith('-') ? word : null;

    /// <summary>A word that the parser took for a project, a file or a text, since it knows no such option.</summary>
    private static string? UnknownOption(ParseResult parsed, string[] args)
    {
        var words = WordsBeforeHyphens(args).Where(word => OptionLike().IsMatch(word)).ToHashSet(StringComparer.Ordinal);
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).FirstOrDefault(words.Contains);
    }

    [GeneratedRegex(@"^--?[A-Za-z][\w-]*([=:].*)?$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex OptionLike();

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
        {
            names.Add(command.Command is RootCommand ? "dotnet dataset" : command.Command.Name);
        }

        names.Reverse();
        return string.Join(' ', names);
    }
}
