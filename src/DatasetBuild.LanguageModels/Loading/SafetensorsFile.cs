using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.LanguageModels.Loading;

/// <summary>
/// A file of tensors in the safetensors format: the length of the header (8 bytes, little-endian), the header (JSON: name -> type, shape, offsets), the tensors end to end. Nothing of it is trusted:
/// offsets must follow from shapes, cover the file without gap or overlap, and end where the file ends. Read piece by piece, never mapped: a file that is cut off meanwhile is an error, not the
/// end of the process.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>The format's own limit.</summary>
    private const long MaxHeader = 100_000_000;
    private const int HeaderStart = sizeof(long);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    private readonly SafeFileHandle handle;
    private readonly List<TensorEntry> tensors = [];

    private SafetensorsFile(SafeFileHandle handle, string path)
    {
        this.handle = handle;
        Path = path;
    }

    public string Path { get; }

    /// <summary>In the order of their place in the file.</summary>
    public IReadOnlyList<TensorEntry> Tensors => tensors;

    /// <exception cref="DatasetException">The file is not what it should be (DSB3055).</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        var file = new SafetensorsFile(handle, path);
        try
        {
            file.ReadHeader();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads bytes of the file.</summary>
    /// <param name="target">What is to be filled.</param>
    /// <param name="offset">Of the first byte in the file.</param>
    /// <exception cref="DatasetException">The file ends before (DSB3055).</exception>
    public void Read(Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var read = RandomAccess.Read(handle, target, offset);
            if (read == 0)
            {
                throw Damaged($"it ended at byte {offset} while it was read");
            }

            target = target[read..];
            offset += read;
        }
    }

    public void Dispose() => handle.Dispose();

    private void ReadHeader()
    {
        var length = RandomAccess.GetLength(handle);
        if (length < HeaderStart)
        {
            throw Damaged($"it has {length} bytes, fewer than the length of a header");
        }

        Span<byte> size = stackalloc byte[HeaderStart];
        Read(size, 0);
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(size);
        if (headerLength < 2 || headerLength > Math.Min(MaxHeader, length - HeaderStart))
        {
            throw Damaged($"its header should be {(ulong)headerLength} bytes long, where the file has {length} and a header at most {MaxHeader}");
        }

        var header = new byte[headerLength];
        Read(header, HeaderStart);
        try
        {
            using var json = JsonDocument.Parse(header, Strict);
            ReadEntries(json.RootElement, HeaderStart + headerLength, length - HeaderStart - headerLength);
        }
        catch (JsonException error)
        {
            throw Damaged($"its header is no JSON with unique names: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            throw Damaged("its header holds text that is no valid UTF-8");
        }
    }

    private void ReadEntries(JsonElement header, long start, long size)
    {
        if (header.ValueKind != JsonValueKind.Object)
        {
            throw Damaged("its header is no JSON object");
        }

        foreach (var member in header.EnumerateObject())
        {
            if (member.NameEquals("__metadata__"))
            {
                continue; // notes of whoever wrote the file
            }

            tensors.Add(ReadEntry(member.Name, member.Value, start, size));
        }

        tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a.Name, b.Name));
        var end = start;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != end)
            {
                throw Damaged($"tensor '{tensor.Name}' starts at byte {tensor.Offset - start} of the data, where the one before it ends at {end - start}");
            }

            end += tensor.Length;
        }

        if (end - start != size)
        {
            throw Damaged($"its tensors take {end - start} bytes, and {size} follow the header");
        }
    }

    private TensorEntry ReadEntry(string name, JsonElement entry, long start, long size)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
            || !entry.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || !entry.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2)
        {
            throw Damaged($"tensor '{name}' lacks dtype, shape or two data_offsets");
        }

        var dimensions = new List<long>();
        long elements = 1;
        foreach (var dimension in shape.EnumerateArray())
        {
            if (dimension.ValueKind != JsonValueKind.Number || !dimension.TryGetInt64(out var count) || count < 0 || Math.BigMul((ulong)elements, (ulong)count, out var product) != 0 || product > long.MaxValue / 8)
            {
                throw Damaged($"tensor '{name}' has no possible shape");
            }

            elements = (long)product;
            dimensions.Add(count);
        }

        if (offsets[0].ValueKind != JsonValueKind.Number || offsets[1].ValueKind != JsonValueKind.Number
            || !offsets[0].TryGetInt64(out var from) || !offsets[1].TryGetInt64(out var to) || from < 0 || to < from || to > size)
        {
            throw Damaged($"tensor '{name}' does not lie within the {size} bytes of data");
        }

        var text = type.GetString()!;
        var width = ElementSize(text);
        if (width == 0)
        {
            throw Damaged($"tensor '{name}' has elements of the unknown type '{text}'");
        }

        return to - from == elements * width
            ? new TensorEntry(this, name, text, dimensions, start + from, to - from)
            : throw Damaged($"tensor '{name}' has {to - from} bytes, where {elements} elements of {text} take {elements * width}");
    }

    private static int ElementSize(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 1,
        _ => 0,
    };

    private DatasetException Damaged(string what) => new(ModelCodes.DamagedWeights, $"the weights cannot be read: {what}. Fetch the file again; it is damaged or not a safetensors file", Path);
}
