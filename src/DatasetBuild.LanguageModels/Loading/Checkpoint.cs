using System.Text.Json;

namespace DatasetBuild.LanguageModels.Loading;

/// <summary>The tensors of a model folder, in one file or several. Which of them were asked for is kept, so that a tensor that nothing asked for is noticed.</summary>
internal sealed class Checkpoint : IDisposable
{
    private const string Whole = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const long MaxIndex = 256L << 20;

    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly string folder;

    private Checkpoint(string folder) => this.folder = folder;

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => tensors.Values.Sum(tensor => tensor.Length);

    public IEnumerable<TensorEntry> Left => tensors.Values.Where(tensor => !taken.Contains(tensor.Name)).OrderBy(tensor => tensor.Name, StringComparer.Ordinal);

    /// <exception cref="DatasetException">There are no weights that can be read (DSB3054 to DSB3056).</exception>
    public static Checkpoint Open(string folder)
    {
        var checkpoint = new Checkpoint(folder);
        try
        {
            if (File.Exists(Path.Combine(folder, Whole)))
            {
                checkpoint.Add(Whole);
            }
            else if (File.Exists(Path.Combine(folder, Index)))
            {
                checkpoint.AddIndexed();
            }
            else
            {
                throw checkpoint.NoWeights();
            }

            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    public TensorEntry? Find(string name) => tensors.GetValueOrDefault(name);

    /// <summary>The tensor of that name, which counts as used from now on.</summary>
    /// <exception cref="DatasetException">There is none (DSB3057).</exception>
    public TensorEntry Take(string name)
    {
        if (!tensors.TryGetValue(name, out var tensor))
        {
            throw new DatasetException(ModelCodes.MissingTensor, $"the weights lack '{name}', which config.json asks for. Do both come from the same model?", folder);
        }

        taken.Add(name);
        return tensor;
    }

    /// <summary>Notes that a tensor has no effect.</summary>
    public void Pass(TensorEntry tensor) => taken.Add(tensor.Name);

    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile Add(string name)
    {
        var file = SafetensorsFile.Open(Path.Combine(folder, name));
        files.Add(file);
        foreach (var tensor in file.Tensors)
        {
            if (!tensors.TryAdd(tensor.Name, tensor))
            {
                throw new DatasetException(ModelCodes.InvalidIndex, $"tensor '{tensor.Name}' stands in {Path.GetFileName(tensors[tensor.Name].File.Path)} as well", file.Path);
            }
        }

        return file;
    }

    private void AddIndexed()
    {
        var path = Path.Combine(folder, Index);
        var places = ReadIndex(path);
        foreach (var name in places.Values.Distinct().Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(name) != name || !name.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw new DatasetException(ModelCodes.InvalidIndex, $"the index names '{name}', which is no safetensors file of its own folder", path);
            }

            if (!File.Exists(Path.Combine(folder, name)))
            {
                throw new DatasetException(ModelCodes.InvalidIndex, $"the index names '{name}', which is not there. Fetch the missing file", path);
            }

            foreach (var tensor in Add(name).Tensors)
            {
                if (!places.TryGetValue(tensor.Name, out var place) || place != name)
                {
                    throw new DatasetException(ModelCodes.InvalidIndex, $"tensor '{tensor.Name}' lies in {name}, where the index {(place is null ? "does not name it" : $"puts it into {place}")}", path);
                }
            }
        }

        if (places.Keys.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
        {
            throw new DatasetException(ModelCodes.InvalidIndex, $"the index puts '{missing}' into {places[missing]}, which does not hold it", path);
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        if (new FileInfo(path).Length > MaxIndex)
        {
            throw new DatasetException(ModelCodes.InvalidIndex, "the index of the weights is larger than any index can be", path);
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            var places = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var member in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                places.Add(member.Name, member.Value.GetString() ?? throw new InvalidOperationException("a place is null"));
            }

            return places;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DatasetException(ModelCodes.InvalidIndex, $"the index of the weights has no 'weight_map' of names and files: {error.Message}", path, inner: error);
        }
    }

    private DatasetException NoWeights()
    {
        var others = Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).ToList();
        string? Find(params string[] ends) => others.FirstOrDefault(name => ends.Any(end => name.EndsWith(end, StringComparison.Ordinal)));
        var why = Find("adapter_model.safetensors") is { } adapter
            ? $"{adapter} is an adapter. Merge it into its base model (merge_and_unload) and save that"
            : Find(".bin", ".pt", ".pth", ".ckpt", ".pkl") is { } pickle
            ? $"{pickle} is a pickle, which can run code when it is opened. Save the model again with save_pretrained, which writes {Whole}"
            : Find(".gguf", ".h5", ".msgpack", ".onnx") is { } foreign
            ? $"{foreign} is of another format. Take the model's {Whole}"
            : "Fetch them";
        return new DatasetException(ModelCodes.NoWeights, $"there is neither {Whole} nor {Index}: {why}", folder);
    }
}
