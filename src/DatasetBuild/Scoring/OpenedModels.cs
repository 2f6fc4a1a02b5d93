namespace DatasetBuild.Scoring;

/// <summary>
/// The language models of a build. A model is opened when something has to be scored by it, and not before; it makes room for the next one, so that at most
/// one is in memory. Thread-safe, but only one scorer may be at work at a time.
/// </summary>
/// <param name="loader">Opens them; null where the host of this library has no engine for them.</param>
/// <param name="threads">At most so many threads work for a model.</param>
public sealed class OpenedModels(ILanguageModelLoader? loader, int threads) : IDisposable
{
    private readonly Lock gate = new();
    private ModelFiles? current;
    private ILanguageModel? model;

    /// <summary>The arithmetic of all of them.</summary>
    public string NumericsContract => Loader.NumericsContract;

    private ILanguageModelLoader Loader => loader
        ?? throw new DatasetException(PassCodes.NoEngine, "this host has no engine for language models. Build with `dotnet build` or `dotnet dataset build`.");

    /// <exception cref="DatasetException">The model cannot be used, or its files are not those that were found.</exception>
    public ILanguageModel Open(ModelFiles files)
    {
        lock (gate)
        {
            if (current != files || model is null)
            {
                Close();
                files.RefuseChanged();
                model = Loader.Open(files.Folder, threads);
                current = files;
            }

            return model;
        }
    }

    /// <summary>Lets go of the model that is open, if one is. It can be opened again.</summary>
    public void Close()
    {
        lock (gate)
        {
            model?.Dispose();
            (model, current) = (null, null);
        }
    }

    public void Dispose() => Close();
}
