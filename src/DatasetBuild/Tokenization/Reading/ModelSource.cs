namespace DatasetBuild.Tokenization;

/// <summary>The model of a tokenizer.json: as it is kept, or else as its section says, which is then kept.</summary>
/// <param name="file">The file, or its outline.</param>
/// <param name="section">Its section <c>model</c>.</param>
/// <param name="kept">Where models are kept, or null.</param>
internal sealed class ModelSource(TokenizerFile file, JsonSection section, IKeptModels? kept)
{
    private BpeFile? _bpe;

    public bool IsBpe => ModelReader.Type(section) == "BPE";

    /// <summary>The tokenizer with the model of BPE over bytes themselves; null where some texts need more than that.</summary>
    /// <param name="make">Makes it, or returns null if the rest of the file asks for more.</param>
    public ComposedTokenizer? TryReadBytes(Func<ByteLevelModel, ComposedTokenizer?> make)
    {
        var known = kept?.Find(file, ByteLevelModel.Read);
        if (known is null && !file.IsOutline)
        {
            _bpe = BpeModelReader.Read(section);
        }

        var model = known ?? (_bpe is null ? null : BpeModelReader.ReadBytes(_bpe));
        if (model is null || make(model) is not { } tokenizer)
        {
            return null;
        }

        Keep(known is null ? model.Write : null);
        return tokenizer;
    }

    /// <summary>The model over the pieces of normalized text.</summary>
    public ITokenModel ReadWhole()
    {
        var known = kept?.Find(file, image => ModelReader.Read(section, image));
        if (known is null)
        {
            file.RefuseOutline();
        }

        var model = known ?? (_bpe is null ? ModelReader.Read(section) : ModelReader.ReadBpe(_bpe));
        Keep(known is null ? model.Write : null);
        return model;
    }

    private void Keep(Action<ImageWriter>? write)
    {
        if (write is not null)
        {
            kept?.Keep(file, write);
        }

        kept?.KeepOutline(file, Outline);
    }

    /// <summary>The file without the vocabulary and the merges.</summary>
    private byte[] Outline()
    {
        var bytes = file.Bytes;
        var outline = new List<byte>();
        var next = 0;
        foreach (var part in section.Members.Where(member => member.Name is "vocab" or "merges").OrderBy(member => member.Start))
        {
            outline.AddRange(bytes.AsSpan(next..part.Start));
            outline.AddRange(bytes[part.Start] == '{' ? "{}"u8 : "[]"u8);
            next = part.End;
        }

        return [.. outline, .. bytes.AsSpan(next)];
    }
}
