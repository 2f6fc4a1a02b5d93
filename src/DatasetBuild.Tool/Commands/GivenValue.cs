using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace DatasetBuild.Tool.Commands;

/// <summary>Reads what an option was given, and says in plain words what it takes instead: the parser's own messages name types of .NET.</summary>
internal static class GivenValue
{
    public static T Number<T>(ArgumentResult argument, T least, T most)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.TryParse(argument.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse(argument, $"a whole number{(least == T.MinValue ? "" : $" from {least}")}{(most == T.MaxValue ? "" : $" to {most}")}");
        return default;
    }

    public static T Name<T>(ArgumentResult argument)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        if (Array.Find(names, name => name.Equals(argument.Tokens[0].Value, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            return Enum.Parse<T>(known);
        }

        Refuse(argument, $"{string.Join(", ", names.SkipLast(1))} or {names[^1]}");
        return default;
    }

    /// <summary>Of an option that may be given several times: each as <c>NAME=VALUE</c>.</summary>
    public static string[] Pairs(ArgumentResult argument, string what)
    {
        foreach (var token in argument.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
        {
            argument.AddError($"'{token.Value}' is no {what}. Write it as NAME=VALUE.");
        }

        return [.. argument.Tokens.Select(token => token.Value)];
    }

    private static void Refuse(ArgumentResult argument, string wanted) =>
        argument.AddError($"{(argument.Parent as OptionResult)?.Option.Name ?? argument.Argument.Name} takes {wanted}, not '{argument.Tokens[0].Value}'.");
}
