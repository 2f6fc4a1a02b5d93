namespace DatasetBuild.Tokenization;

/// <summary>Where the byte-level models of tokenizer files are kept, so that a vocabulary is parsed once.</summary>
internal interface IKeptModels
{
    /// <summary>The model that was kept for a file of this content, or null.</summary>
    ByteLevelModel? Find(TokenizerFile file);

    /// <summary>Keeps the model of a file, all of which was found to be right.</summary>
    void Keep(TokenizerFile file, ByteLevelModel model);

    /// <summary>Keeps what else is read of a file whose model is kept, unless it is that which was read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="outline">A file of the same kind that is read the same way, but for the model.</param>
    void KeepOutline(TokenizerFile file, Func<byte[]> outline);
}
