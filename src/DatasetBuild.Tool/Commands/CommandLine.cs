using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Tool.Commands;

/// <summary>All commands of <c>dotnet dataset</c>.</summary>
internal static class CommandLine
{
    // Not inlined: the engine's start must not load a parser that it does not use.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Run(string[] args)
    {
        var root = new RootCommand("Builds fine-tuning data sets from project files, and answers questions about them.")
        {
            BuildCommand.Create(),
            StatusCommand.Create(),
            ExplainCommand.Create(),
            ScoresCommand.Create(),
            CheckCommand.Create(),
            StatsCommand.Create(),
            TokenizeCommand.Create(),
            CacheCommand.Create(),
        };

        // A text that starts with '@' is a text.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction mistake)
        {
            mistake.ShowHelp = args.Length == 0;
            mistake.Invoke(parsed);
            if (args.Length > 0)
            {
                Console.Error.WriteLine($"`{CommandPath(parsed)} --help` lists what there is.");
            }

            return ExitCodes.Mistake;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static string CommandPath(ParseResult parsed)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult; result is System.CommandLine.Parsing.CommandResult command; result = command.Parent)
        {
            names.Add(command.Command is RootCommand ? "dotnet dataset" : command.Command.Name);
        }

        names.Reverse();
        return string.Join(' ', names);
    }
}
