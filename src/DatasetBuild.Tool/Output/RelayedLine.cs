using System.Globalization;
using System.Text.RegularExpressions;

namespace DatasetBuild.Tool.Output;

/// <summary>A line of another program that tells of an error in the form that all build tools share: <c>file(line,column): error CODE: text</c>.</summary>
internal static partial class RelayedLine
{
    /// <summary>The error, with the parts of the line that can be told apart; of any other line the text alone.</summary>
    public static Diagnostic Parse(string line)
    {
        var parts = Form().Match(line);
        return parts.Success
            ? new Diagnostic(Severity.Error, parts.Groups["code"].Value, parts.Groups["text"].Value, parts.Groups["file"].Value.Trim(), Number("line"), Number("column"))
            : new Diagnostic(Severity.Error, "", line);

        int Number(string name) => int.TryParse(parts.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }

    [GeneratedRegex(@"^(?<file>.*?)(\((?<line>\d+)(,(?<column>\d+))?\))?\s*: error (?<code>[A-Z]+\d+): (?<text>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
