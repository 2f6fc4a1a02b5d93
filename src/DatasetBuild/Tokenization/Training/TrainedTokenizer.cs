using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>A byte-level BPE tokenizer as it was trained, to be written as a <c>tokenizer.json</c> of Hugging Face.</summary>
public sealed class TrainedTokenizer
{
    private readonly TrainingPattern _pattern;
    private readonly IReadOnlyList<byte[]> _tokens;
    private readonly IReadOnlyList<(int Left, int Right)> _merges;

    internal TrainedTokenizer(TrainingPattern pattern, IReadOnlyList<byte[]> tokens, IReadOnlyList<(int Left, int Right)> merges, IReadOnlyList<string> specialTokens)
    {
        (_pattern, _tokens, _merges, SpecialTokens) = (pattern, tokens, merges, specialTokens);
    }

    /// <summary>Special tokens included.</summary>
    public int VocabularySize => _tokens.Count + SpecialTokens.Count;

    public int MergeCount => _merges.Count;

    /// <summary>In the order of their ids, which are the highest.</summary>
    public IReadOnlyList<string> SpecialTokens { get; }

    /// <summary>The pairs of tokens that are merged, as bytes, in order.</summary>
    internal IEnumerable<(byte[] Left, byte[] Right)> Merges => _merges.Select(merge => (_tokens[merge.Left], _tokens[merge.Right]));

    /// <summary>Writes the file. Merges are spelled as texts with a space, which readers of all versions understand.</summary>
    public void Write(Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteSpecialTokens(json);
        json.WriteNull("normalizer");
        json.WritePropertyName("pre_tokenizer");
        _pattern.WritePreTokenizer(json);
        json.WritePropertyName("post_processor");
        TrainingPattern.WriteByteLevel(json, addPrefixSpace: true, useRegex: true, trimOffsets: false);
        json.WritePropertyName("decoder");
        TrainingPattern.WriteByteLevel(json, addPrefixSpace: true, useRegex: true);
        WriteModel(json);
        json.WriteEndObject();
    }

    private void WriteSpecialTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        for (var i = 0; i < SpecialTokens.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", _tokens.Count + i);
            json.WriteString("content", SpecialTokens[i]);
            foreach (var flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
            {
                json.WriteBoolean(flag, false);
            }

            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var option in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
        {
            json.WriteNull(option);
        }

        foreach (var option in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback", "ignore_merges"])
        {
            json.WriteBoolean(option, false);
        }

        json.WriteStartObject("vocab");
        for (var id = 0; id < _tokens.Count; id++)
        {
            json.WriteNumber(ByteLevelAlphabet.Encode(_tokens[id]), id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in Merges)
        {
            json.WriteStringValue($"{ByteLevelAlphabet.Encode(left)} {ByteLevelAlphabet.Encode(right)}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
