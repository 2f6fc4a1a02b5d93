using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The added tokens of a tokenizer, numbered as the reference library does it whatever ids are written: a token of the model keeps the model's id,
/// all others follow on from the size of the vocabulary. A later entry with the same id replaces the flags of an earlier one.
/// </summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);
    private readonly AddedTokenFinder _plain;
    private readonly AddedTokenFinder _second;

    public AddedVocabulary(IEnumerable<AddedToken> tokens, ITokenTexts model, INormalizer? normalizer)
    {
        var all = tokens.Where(token => token.Content.Length > 0).ToList();
        var found = all.Where(token => token.Special).DistinctBy(token => token.Content).ToList();
        _special.UnionWith(found.Select(token => token.Content));
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<AddedToken>();
        var next = model.Count;
        foreach (var token in all.Where(seen.Add))
        {
            if (!ids.TryGetValue(token.Content, out var id))
            {
                id = model.Find(token.Content) is >= 0 and var known ? known : next++;
            }

            ids[token.Content] = id;
            _byId[id] = token;
            if (!_special.Contains(token.Content))
            {
                found.Add(token);
            }
        }

        Size = _byId.Keys.DefaultIfEmpty(-1).Max() + 1;
        _plain = new AddedTokenFinder(_byId);
        var normalized = new AddedTokenFinder(_byId);
        _second = normalizer is null ? normalized : new AddedTokenFinder(_byId);
        Normalized = normalizer is null ? new AddedTokenFinder(_byId) : normalized;
        foreach (var token in found)
        {
            (token.Normalized ? normalized : _plain).Add(token.Normalized ? Normalize(token.Content, normalizer) : Encoding.UTF8.GetBytes(token.Content), ids[token.Content]);
        }
    }

    /// <summary>One more than the highest id of an added token.</summary>
    public int Size { get; }

    /// <summary>Finds tokens in the normalized text. Without a normalizer there are none left to find there.</summary>
    public AddedTokenFinder Normalized { get; }

    /// <summary>The content of the added token with this id, or null.</summary>
    public string? Text(int id) => _byId.GetValueOrDefault(id)?.Content;

    public bool IsSpecial(string token) => _special.Contains(token);

    /// <summary>
    /// Cuts a text into added tokens and what lies between them. First those that are found in the text as it is; then, where no normalizer
    /// comes in between, those for the normalized text.
    /// </summary>
    public List<FoundToken> Split(ReadOnlySpan<byte> utf8)
    {
        var parts = _plain.Split(utf8);
        if (_second.IsEmpty)
        {
            return parts;
        }

        var all = new List<FoundToken>(parts.Count);
        foreach (var part in parts)
        {
            if (part.Id >= 0)
            {
                all.Add(part);
                continue;
            }

            foreach (var (id, range) in _second.Split(utf8[part.Range.Start..part.Range.End]))
            {
                all.Add(new FoundToken(id, new TextRange(part.Range.Start + range.Start, part.Range.Start + range.End)));
            }
        }

        return all;
    }

    private static byte[] Normalize(string content, INormalizer? normalizer)
    {
        var utf8 = Encoding.UTF8.GetBytes(content);
        return normalizer?.Normalize(AlignedText.Of(utf8, new TextRange(0, utf8.Length))).Bytes.ToArray() ?? utf8;
    }
}
