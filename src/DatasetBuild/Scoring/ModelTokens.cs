namespace DatasetBuild.Scoring;

/// <summary>What a model can be given.</summary>
internal static class ModelTokens
{
    /// <summary>The greatest number of tokens of a sequence: the declared one, else the model's.</summary>
    /// <exception cref="DatasetException">What is declared is more than the model's context (DSB3080).</exception>
    public static int Limit(int? declared, ILanguageModel model, ModelFiles files) =>
        declared is null ? model.MaxLength
        : declared <= model.MaxLength ? declared.Value
        : throw new DatasetException(PassCodes.BeyondContext, $"MaxLength is {declared}, but the model takes at most {model.MaxLength} tokens. Lower MaxLength, or leave it out to have the model's.", files.Folder);

    /// <exception cref="DatasetException">An id that the model does not have (DSB3079).</exception>
    public static void RefuseUnknown(ReadOnlySpan<int> ids, ILanguageModel model, ModelFiles files)
    {
        foreach (var id in ids)
        {
            if (id >= model.VocabularySize)
            {
                throw new DatasetException(
                    PassCodes.ForeignTokenizer, $"the tokenizer gives the id {id}, but the model knows {model.VocabularySize} ids. Tokenizer and model do not belong together: name the tokenizer of this model.", files.Folder);
            }
        }
    }
}
