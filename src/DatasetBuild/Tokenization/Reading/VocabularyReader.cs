namespace DatasetBuild.Tokenization;

/// <summary>Reads a vocabulary that is written as an object of tokens with their ids.</summary>
internal static class VocabularyReader
{
    public static List<(string Text, int Id, JsonPart Place)> Read(JsonSection model) =>
        [.. JsonParts.Members(model.File, model.Part("vocab")).Select(token => (token.Key, JsonParts.Id(model.File, token.Value), token.Value))];
}
