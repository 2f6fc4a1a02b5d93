namespace DatasetBuild.Tokenization;

/// <summary>Reads the patterns of Split and Replace: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternReader
{
    public static ITextPattern Read(JsonSection owner)
    {
        var pattern = owner.Section("pattern");
        var isExpression = pattern.Has("Regex");
        if (isExpression == pattern.Has("String") || pattern.Members.Count() != 1)
        {
            throw owner.Error("pattern", TokenizerErrors.InvalidPart, "A pattern is either a String or a Regex.");
        }

        var text = pattern.Text(isExpression ? "Regex" : "String");
        if (!isExpression && text.Length > 0)
        {
            return new LiteralPattern(text);
        }

        if (text == SpaceRunPattern.Expression)
        {
            return new SpaceRunPattern();
        }

        if (PublishedPatterns.FromRegex(text) is { } scanner)
        {
            return new ScannerPattern(scanner);
        }

        try
        {
            return new ExpressionPattern(text);
        }
        catch (ExpressionException e)
        {
            throw pattern.Error(
                isExpression ? "Regex" : "String",
                TokenizerErrors.UnsupportedExpression,
                $"The regular expression {text} is malformed or not supported because of {e.Message}.");
        }
    }
}
