using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Commands;

/// <summary>All commands of <c>dotnet dataset</c>.</summary>
internal static partial class CommandLine
{
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

        if (parsed.Action is ParseErrorAction mistake)
        {
            if (UnknownCommand(parsed) is { } word)
            {
                var meant = Spelling.Nearest(word, parsed.CommandResult.Command.Subcommands.Select(command => command.Name)) is { } near ? $" Did you mean {near}?" : "";
                Console.Error.WriteLine($"`{CommandPath(parsed)}` has no command '{word}'.{meant}");
            }
            else
            {
                mistake.ShowHelp = false;
                mistake.Invoke(parsed);
            }

            Console.Error.WriteLine($"`{CommandPath(parsed)} --help` lists what there is.");
            return ExitCodes.Mistake;
        }

        if (parsed.Action == parsed.CommandResult.Command.Action && UnknownOption(parsed, args) is { } unknown)
        {
            var options = parsed.CommandResult.Command.Options.SelectMany(option => option.Aliases.Prepend(option.Name));
            var meant = Spelling.Nearest(unknown.Split('=', ':')[0], options) is { } near ? $" Did you mean {near}?" : "";
            Console.Error.WriteLine($"`{CommandPath(parsed)}` has no option '{unknown}'.{meant} What is no option goes behind `--`.");
            Console.Error.WriteLine($"`{CommandPath(parsed)} --help` lists what there is.");
            return ExitCodes.Mistake;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>The word that stands where a command is missing.</summary>
    private static string? UnknownCommand(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..] && !word.StartsWith('-') ? word : null;

    /// <summary>A word that the parser took for a project, a file or a text, since it knows no such option.</summary>
    private static string? UnknownOption(ParseResult parsed, string[] args)
    {
        var words = args.TakeWhile(word => word != "--").Where(word => OptionLike().IsMatch(word)).ToHashSet(StringComparer.Ordinal);
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
