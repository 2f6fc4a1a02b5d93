using System.CommandLine.Parsing;

namespace DatasetBuild.Tool.Output;

/// <summary>How much is said, in MSBuild's words.</summary>
internal enum Verbosity
{
    Quiet,
    Minimal,
    Normal,
    Detailed,
    Diagnostic,
}

/// <summary>Reads a level as MSBuild does: the whole word, or what it abbreviates it to.</summary>
internal static class Levels
{
    public static Verbosity? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        Verbosity? level = text.ToLowerInvariant() switch
        {
            "q" or "quiet" => Verbosity.Quiet,
            "m" or "minimal" => Verbosity.Minimal,
            "n" or "normal" => Verbosity.Normal,
            "d" or "detailed" => Verbosity.Detailed,
            "diag" or "diagnostic" => Verbosity.Diagnostic,
            _ => null,
        };
        if (level is null)
        {
            argument.AddError($"'{text}' is no verbosity. It is quiet, minimal, normal, detailed or diagnostic.");
        }

        return level;
    }
}
