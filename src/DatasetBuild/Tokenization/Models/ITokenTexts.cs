namespace DatasetBuild.Tokenization;

/// <summary>The written forms of a model's tokens.</summary>
internal interface ITokenTexts
{
    /// <summary>How many tokens the file lists, which is what added tokens are numbered from.</summary>
    int Count { get; }

    /// <summary>One more than the highest id.</summary>
    int Size { get; }

    /// <summary>The id of a written token, or -1.</summary>
    int Find(string text);

    /// <summary>The written form of a token, or null if no token has the id.</summary>
    string? Text(int id);
}
