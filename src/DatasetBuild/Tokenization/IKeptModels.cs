namespace DatasetBuild.Tokenization;

/// <summary>Where the models of tokenizer files are kept, so that a vocabulary is parsed once.</summary>
internal interface IKeptModels
{
    /// <summary>The model that was kept for a file of this content, or null if there is none that <paramref name="read"/> can read.</summary>
    TModel? Find<TModel>(TokenizerFile file, Func<ImageReader, TModel> read)
        where TModel : class;

    /// <summary>Keeps the model of a file, all of which was found to be right.</summary>
    void Keep(TokenizerFile file, Action<ImageWriter> write);

    /// <summary>Keeps what else is read of a file whose model is kept, unless it is that which was read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="outline">A file of the same kind that is read the same way, but for the model.</param>
    void KeepOutline(TokenizerFile file, Func<byte[]> outline);
}
