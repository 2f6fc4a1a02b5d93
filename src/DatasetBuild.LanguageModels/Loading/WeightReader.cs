using System.Runtime.InteropServices;
using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Decoding;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Loading;

/// <summary>Brings the tensors of a checkpoint to where a decoder's description wants them. Each must be there with exactly the shape that the configuration implies.</summary>
internal sealed unsafe class WeightReader(Checkpoint checkpoint, Decoder decoder, string prefix)
{
    private const int PieceBytes = 8 << 20;

    private readonly List<IDisposable> made = [];
    private readonly byte[] piece = GC.AllocateUninitializedArray<byte>(PieceBytes);

    private TensorNames Names => decoder.Names;

    /// <summary>Reads everything.</summary>
    /// <exception cref="DatasetException">A tensor is missing, has another shape or type, or nothing asks for it (DSB3055 to DSB3059).</exception>
    public static DecoderWeights Read(Checkpoint checkpoint, Decoder decoder)
    {
        // Files of the bare model leave the prefix out.
        var hasPrefix = checkpoint.Find($"{decoder.Names.Prefix}{decoder.Names.Embedding}.weight") is not null
            || checkpoint.Find($"{decoder.Names.Prefix}{decoder.Names.Layer}0.{decoder.Names.Output}.weight") is not null;
        var reader = new WeightReader(checkpoint, decoder, hasPrefix ? decoder.Names.Prefix : "");
        try
        {
            var weights = reader.Read();
            reader.CheckRest();
            return weights;
        }
        catch
        {
            foreach (var part in reader.made)
            {
                part.Dispose();
            }

            throw;
        }
    }

    private DecoderWeights Read()
    {
        var embedding = ReadEmbedding();
        return new DecoderWeights
        {
            Embedding = embedding,
            Positions = decoder.Positions == 0 ? null : Matrix(decoder.Positions, decoder.Hidden, transposed: false, [(prefix + Names.Positions + ".weight", Whole(decoder.Positions))]),
            FinalNorm = ReadNorm(prefix + Names.FinalNorm, decoder.Hidden, decoder.Norm)!,
            Head = decoder.Tied ? embedding : Matrix(decoder.Vocabulary, decoder.Hidden, transposed: false, [(Names.Head + ".weight", Whole(decoder.Vocabulary))]),
            Layers = [.. Enumerable.Range(0, decoder.Layers.Count).Select(ReadLayer)],
        };
    }

    /// <summary>Where it is tied, a file may hold it under the head's name instead, or under both.</summary>
    private PackedMatrix ReadEmbedding()
    {
        var name = $"{prefix}{Names.Embedding}.weight";
        var head = $"{Names.Head}.weight";
        if (decoder.Tied && checkpoint.Find(head) is { } other)
        {
            if (checkpoint.Find(name) is not { } own)
            {
                name = head;
            }
            else if (own.Type != other.Type || !own.Shape.SequenceEqual(other.Shape) || !HaveEqualBytes(own, other))
            {
                throw new DatasetException(ModelCodes.WrongTensor, $"'{head}' differs from '{name}', where config.json says that they are tied (tie_word_embeddings)", other.File.Path);
            }
            else
            {
                checkpoint.Pass(other);
            }
        }

        return Matrix(decoder.Vocabulary, decoder.Hidden, transposed: false, [(name, Whole(decoder.Vocabulary))]);
    }

    private LayerWeights ReadLayer(int layer)
    {
        var at = $"{prefix}{Names.Layer}{layer}.";
        int queries = decoder.Heads * decoder.HeadSize, keys = decoder.KeyValueHeads * decoder.HeadSize;
        var isStacked = checkpoint.Find(at + Names.StackedGateUp) is not null;
        return new LayerWeights
        {
            AttentionNorm = ReadNorm(at, Names.AttentionNorm),
            AttentionPostNorm = ReadNorm(at, Names.AttentionPostNorm),
            FeedForwardNorm = ReadNorm(at, Names.FeedForwardNorm),
            FeedForwardPostNorm = ReadNorm(at, Names.FeedForwardPostNorm),
            QueryNorm = ReadHeadNorm(at + Names.QueryNorm, decoder.Heads),
            KeyNorm = ReadHeadNorm(at + Names.KeyNorm, decoder.KeyValueHeads),
            QueryKeyValue = Linear(queries + (2 * keys), decoder.Hidden, decoder.QueryKeyValueBias, QueryKeyValueParts(at, queries, keys)),
            Output = Linear(decoder.Hidden, queries, decoder.OutputBias, [(at + Names.Output, Whole(decoder.Hidden))]),
            Router = decoder.Experts == 0 ? null : Linear(decoder.Experts, decoder.Hidden, hasBias: false, [(at + (isStacked ? Names.StackedRouter : Names.Router), Whole(decoder.Experts))]),
            FeedForward = decoder.Experts == 0
                ? [ReadFeedForward(at)]
                : [.. Enumerable.Range(0, decoder.Experts).Select(expert => isStacked ? ReadStackedExpert(at, expert) : ReadFeedForward($"{at}{Names.Experts}{expert}."))],
        };
    }

    private (string Name, Part[] Parts)[] QueryKeyValueParts(string at, int queries, int keys) => decoder.Layout switch
    {
        QueryKeyValueLayout.Separate =>
        [
            (at + Names.Query, [new(0, 0, queries)]),
            (at + Names.Key, [new(0, queries, keys)]),
            (at + Names.Value, [new(0, queries + keys, keys)]),
        ],
        QueryKeyValueLayout.Joined => [(at + Names.QueryKeyValue, Whole(queries + (2 * keys)))],
        _ =>
        [
            (at + Names.QueryKeyValue,
            [.. Enumerable.Range(0, 3 * decoder.Heads).Select(i => new Part(i * decoder.HeadSize, ((i % 3 * decoder.Heads) + (i / 3)) * decoder.HeadSize, decoder.HeadSize))]),
        ],
    };

    private FeedForwardWeights ReadFeedForward(string at)
    {
        var width = decoder.FeedForward;
        (string, Part[])[] up = !decoder.Gated ? [(at + Names.Up, Whole(width))]
            : Names.GateUp is not null ? [(at + Names.GateUp, Whole(2 * width))]
            : [(at + Names.Gate, Whole(width)), (at + Names.Up, [new(0, width, width)])];
        return new(
            Linear(decoder.Gated ? 2 * width : width, decoder.Hidden, decoder.FeedForwardBias, up),
            Linear(decoder.Hidden, width, decoder.FeedForwardBias, [(at + Names.Down, Whole(decoder.Hidden))]));
    }

    private FeedForwardWeights ReadStackedExpert(string at, int expert) => new(
        new Linear(Slice(at + Names.StackedGateUp, expert, 2 * decoder.FeedForward, decoder.Hidden), null),
        new Linear(Slice(at + Names.StackedDown, expert, decoder.Hidden, decoder.FeedForward), null));

    /// <summary>One expert's matrix of a tensor that holds all of them.</summary>
    private PackedMatrix Slice(string name, int expert, int outputs, int inputs)
    {
        var tensor = Take(name, [decoder.Experts, outputs, inputs]);
        var matrix = new PackedMatrix(outputs, inputs, TypeOf(tensor));
        made.Add(matrix);
        ReadPieces(tensor, new Part(expert * outputs, 0, outputs), inputs, TypeOf(tensor), matrix.SetRows);
        return matrix;
    }

    private Norm? ReadNorm(string at, string? name) => name is null ? null : ReadNorm(at + name, decoder.Hidden, decoder.Norm);

    private Norm ReadNorm(string name, int width, NormKind kind) => new(
        kind,
        kind == NormKind.LayerPlain ? null : Vector(width, [(name + ".weight", Whole(width))]),
        kind == NormKind.Layer ? Vector(width, [(name + ".bias", Whole(width))]) : null,
        decoder.Epsilon);

    private Norm? ReadHeadNorm(string name, int heads)
    {
        var size = decoder.HeadSize;
        return decoder.HeadNorm switch
        {
            HeadNorm.None => null,
            HeadNorm.EachHead => ReadNorm(name, size, decoder.Norm),
            HeadNorm.AllHeads => ReadNorm(name, heads * size, decoder.Norm),
            _ => new(NormKind.Layer, Vector(heads * size, [.. Enumerable.Range(0, heads).Select(head => ($"{name}.norms.{head}.weight", new Part[] { new(0, head * size, size) }))]), null, decoder.Epsilon),
        };
    }

    private Linear Linear(int outputs, int inputs, bool hasBias, (string Name, Part[] Parts)[] sources) => new(
        Matrix(outputs, inputs, decoder.Transposed, [.. sources.Select(source => (source.Name + ".weight", source.Parts))]),
        hasBias ? Vector(outputs, [.. sources.Select(source => (source.Name + ".bias", source.Parts))]) : null);

    /// <summary>A matrix whose rows come from one tensor or several. Where those are stored in different precisions, all are widened.</summary>
    private PackedMatrix Matrix(int outputs, int inputs, bool transposed, (string Name, Part[] Parts)[] sources)
    {
        var tensors = sources.Select(source => Take(source.Name, transposed ? [inputs, RowsOf(source.Parts)] : [RowsOf(source.Parts), inputs])).ToList();
        var types = tensors.Select(tensor => TypeOf(tensor)).Distinct().ToList();
        var type = types.Count == 1 ? types[0] : ElementType.Float32;
        var matrix = new PackedMatrix(outputs, inputs, type);
        made.Add(matrix);
        for (var i = 0; i < tensors.Count; i++)
        {
            var width = transposed ? outputs : inputs;
            foreach (var part in sources[i].Parts)
            {
                ReadPieces(tensors[i], transposed ? new Part(0, 0, inputs) : part, width, type, (rows, first, count) =>
                {
                    if (transposed)
                    {
                        matrix.SetTransposedRows(rows, first, count);
                    }
                    else
                    {
                        matrix.SetRows(rows, first, count);
                    }
                });
            }
        }

        return matrix;
    }

    private NativeBuffer Vector(int length, (string Name, Part[] Parts)[] sources)
    {
        var vector = new NativeBuffer((long)length * sizeof(float));
        made.Add(vector);
        foreach (var (name, parts) in sources)
        {
            var tensor = Take(name, [RowsOf(parts)]);
            foreach (var part in parts)
            {
                ReadPieces(tensor, part, 1, ElementType.Float32, (rows, first, count) => rows.CopyTo(new Span<byte>(vector.Floats + first, count * sizeof(float))));
            }
        }

        return vector;
    }

    private TensorEntry Take(string name, long[] shape)
    {
        var tensor = checkpoint.Take(name);
        return tensor.Shape.SequenceEqual(shape)
            ? tensor
            : throw new DatasetException(ModelCodes.WrongTensor, $"'{name}' has the shape {tensor.ShapeText}, where config.json asks for [{string.Join(", ", shape)}]", tensor.File.Path);
    }

    private static ElementType TypeOf(TensorEntry tensor) => tensor.Type switch
    {
        "F32" => ElementType.Float32,
        "BF16" => ElementType.BFloat16,
        "F16" => ElementType.Float16,
        _ => throw new DatasetException(
            ModelCodes.WrongTensor, $"'{tensor.Name}' is stored as {tensor.Type}. Supported are F32, F16 and BF16: save the model in one of them, not quantised", tensor.File.Path),
    };

    private delegate void Receiver(ReadOnlySpan<byte> rows, int first, int count);

    /// <summary>Reads rows of a tensor a few at a time, widens them if asked to, and hands them over with the place of the first.</summary>
    private void ReadPieces(TensorEntry tensor, Part part, int width, ElementType type, Receiver receive)
    {
        var stored = TypeOf(tensor);
        var rowBytes = checked(width * stored.Size());
        var rowsOfPiece = Math.Max(1, PieceBytes / rowBytes);
        var buffer = rowBytes <= PieceBytes ? piece : new byte[rowBytes];
        for (var done = 0; done < part.Count;)
        {
            var count = Math.Min(rowsOfPiece, part.Count - done);
            var bytes = buffer.AsSpan(0, count * rowBytes);
            tensor.File.Read(bytes, tensor.Offset + ((long)(part.Source + done) * rowBytes));
            receive(stored == type ? bytes : Widen(bytes, stored), part.Target + done, count);
            done += count;
        }
    }

    private static ReadOnlySpan<byte> Widen(ReadOnlySpan<byte> bytes, ElementType type)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
        var wide = new float[halves.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = ElementTypes.Widen(halves[i], type);
        }

        return MemoryMarshal.AsBytes(wide.AsSpan());
    }

    private bool HaveEqualBytes(TensorEntry first, TensorEntry second)
    {
        var other = new byte[PieceBytes];
        for (long done = 0; done < first.Length;)
        {
            var count = (int)Math.Min(PieceBytes, first.Length - done);
            first.File.Read(piece.AsSpan(0, count), first.Offset + done);
            second.File.Read(other.AsSpan(0, count), second.Offset + done);
            if (!piece.AsSpan(0, count).SequenceEqual(other.AsSpan(0, count)))
            {
                return false;
            }

            done += count;
        }

        return true;
    }

    /// <summary>A tensor that nothing asked for may mean that the model is another one, unless it is known to be of no effect.</summary>
    private void CheckRest()
    {
        foreach (var tensor in checkpoint.Left)
        {
            if (!IsInert(tensor.Name))
            {
                throw new DatasetException(ModelCodes.UnknownTensor, $"nothing in config.json asks for '{tensor.Name}' {tensor.ShapeText}. Do both come from the same model?", tensor.File.Path);
            }
        }
    }

    private bool IsInert(string name)
    {
        var layers = prefix + Names.Layer;
        if (!name.StartsWith(layers, StringComparison.Ordinal))
        {
            return Names.Inert.Contains(prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name);
        }

        var rest = name[layers.Length..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && int.TryParse(rest[..dot], out var layer) && layer < decoder.Layers.Count && Names.Inert.Contains(rest[(dot + 1)..]);
    }

    private static Part[] Whole(int count) => [new(0, 0, count)];

    private static int RowsOf(Part[] parts) => parts.Sum(part => part.Count);

    /// <summary>Rows of a tensor, and the place of the first of them in the whole.</summary>
    private readonly record struct Part(int Source, int Target, int Count);
}
