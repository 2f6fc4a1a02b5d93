using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Reads Metaspace, which is a pre-tokenizer and a decoder with the same members.</summary>
internal static class MetaspaceReader
{
    public static MetaspacePreTokenizer ReadPreTokenizer(JsonSection section)
    {
        var (mark, scheme) = Read(section);
        return new MetaspacePreTokenizer(mark, scheme, section.Flag("split", otherwise: true));
    }

    public static MetaspaceDecoder ReadDecoder(JsonSection section)
    {
        var (mark, scheme) = Read(section);
        return new MetaspaceDecoder(mark, scheme);
    }

    private static (Rune Mark, PrependScheme Scheme) Read(JsonSection section)
    {
        var scheme = (section.Has("prepend_scheme") ? section.Text("prepend_scheme") : "always") switch
        {
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            "always" => PrependScheme.Always,
            var name => throw section.Error("prepend_scheme", TokenizerErrors.InvalidPart, $"The prepend_scheme {name} is unknown. There are first, never and always."),
        };
        return section.Flag("add_prefix_space", otherwise: true) || scheme == PrependScheme.Never
            ? (section.Character("replacement"), scheme)
            : throw section.Error("add_prefix_space", TokenizerErrors.InvalidPart, "add_prefix_space is false, but prepend_scheme is not \"never\".");
    }
}
