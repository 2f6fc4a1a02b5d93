namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>added_tokens</c>.</summary>
internal static class AddedTokensReader
{
    /// <summary>Longer than any added token of use by far; bounds the work on a text that is nearly one.</summary>
    private const int LongestContent = 1024;

    public static List<AddedToken> Read(TokenizerFile file, JsonPart part) =>
        part.Kind == System.Text.Json.JsonTokenType.None ? [] : [.. JsonParts.Elements(file, part).Select(element => ReadOne(file, element))];

    private static AddedToken ReadOne(TokenizerFile file, JsonPart part)
    {
        var section = new JsonSection(file, part, "added_tokens");
        section.Number("id");
        var token = new AddedToken(
            section.Text("content"), section.Flag("single_word"), section.Flag("lstrip"), section.Flag("rstrip"), section.Flag("normalized"), section.Flag("special"));
        return token.Content.Length <= LongestContent
            ? token
            : throw section.Error("content", TokenizerErrors.InvalidPart, $"An added token of more than {LongestContent} characters is not supported.");
    }
}
