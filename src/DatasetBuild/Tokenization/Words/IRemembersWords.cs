namespace DatasetBuild.Tokenization;

/// <summary>Something that counts faster what it has met before. What it says never depends on that.</summary>
internal interface IRemembersWords
{
    /// <summary>Starts anew, as if nothing was met yet. Nobody else may be counting.</summary>
    void ForgetWords();
}
