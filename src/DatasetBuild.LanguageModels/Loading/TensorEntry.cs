namespace DatasetBuild.LanguageModels.Loading;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="File">Where it lies.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">The format's word for its elements: <c>F32</c>, <c>BF16</c> …</param>
/// <param name="Shape">Its dimensions, the slowest first.</param>
/// <param name="Offset">Of its first byte in the file.</param>
/// <param name="Length">In bytes.</param>
internal sealed record TensorEntry(SafetensorsFile File, string Name, string Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
