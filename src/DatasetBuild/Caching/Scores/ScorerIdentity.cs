using System.Security.Cryptography;
using System.Text;

namespace DatasetBuild.Caching;

/// <summary>
/// Names all that determines a scorer's values: canonical text of lines <c>name=value</c>, sorted by name (ordinal), each ended by <c>\n</c>; in values
/// <c>\</c>, line feed and carriage return are written <c>\\</c>, <c>\n</c>, <c>\r</c>. Its SHA-256 is the identity.
/// </summary>
public sealed class ScorerIdentity : IEquatable<ScorerIdentity>
{
    private readonly byte[] digest;

    private ScorerIdentity(string text)
    {
        Text = text;
        digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        Folder = Convert.ToHexStringLower(digest.AsSpan(0, 16));
    }

    /// <summary>The canonical text.</summary>
    public string Text { get; }

    /// <summary>SHA-256 of the canonical text in UTF-8, 32 bytes.</summary>
    public ReadOnlySpan<byte> Digest => digest;

    /// <summary>32 lower-case hexadecimal digits: the first 16 bytes of the digest; the name of the identity's folder in the store.</summary>
    public string Folder { get; }

    /// <summary>The identity of the given lines; their order does not matter.</summary>
    /// <exception cref="ArgumentException">No line, a name twice, or a name that is empty or holds <c>=</c> or a control character.</exception>
    public static ScorerIdentity Of(params (string Name, string Value)[] lines)
    {
        var names = new string[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            names[i] = lines[i].Name;
        }

        Array.Sort(names, StringComparer.Ordinal);
        var text = new StringBuilder();
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0 || names[i].Any(c => c == '=' || char.IsControl(c)) || (i > 0 && names[i] == names[i - 1]))
            {
                throw new ArgumentException($"'{names[i]}' is empty, given twice, or holds a character that no name of an identity may hold.", nameof(lines));
            }

            text.Append(names[i]).Append('=')
                .Append(ValueOf(names[i]).Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\r", @"\r", StringComparison.Ordinal))
                .Append('\n');
        }

        return names.Length == 0 ? throw new ArgumentException("An identity needs at least one line.", nameof(lines)) : new ScorerIdentity(text.ToString());

        string ValueOf(string wanted)
        {
            foreach (var (name, value) in lines)
            {
                if (name == wanted)
                {
                    return value;
                }
            }

            throw new InvalidOperationException(wanted);
        }
    }

    /// <summary>Wraps a text that is canonical already (as <see cref="Text"/> gave it).</summary>
    public static ScorerIdentity OfCanonicalText(string text) => new(text);

    public bool Equals(ScorerIdentity? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as ScorerIdentity);

    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    public override string ToString() => Text;
}
