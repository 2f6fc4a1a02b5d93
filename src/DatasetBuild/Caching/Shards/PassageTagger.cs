using System.Security.Cryptography;

namespace DatasetBuild.Caching;

/// <summary>
/// Tags passages so that equal tags mean equal bytes, also where somebody chose the bytes: the GMAC of NIST SP 800-38D under a random key that only the
/// index knows. It is a universal hash: of two different passages of 64 KiB the tags agree with a chance below 2^-115. Not for several threads at once.
/// </summary>
public sealed class PassageTagger : IDisposable
{
    public const int KeySize = 16;

    // One nonce for all: tags are compared, never sent, so that nobody learns anything of the key from them.
    private static readonly byte[] Nonce = new byte[12];

    private readonly AesGcm gmac;
    private readonly byte[] key;

    public PassageTagger(ReadOnlySpan<byte> key)
    {
        this.key = key.ToArray();
        gmac = new AesGcm(key, tagSizeInBytes: 16);
    }

    /// <summary>A tagger with a new key; null where the platform has no AES-GCM: then changed shards are parsed as a whole.</summary>
    public static PassageTagger? TryCreate() => AesGcm.IsSupported ? new PassageTagger(RandomNumberGenerator.GetBytes(KeySize)) : null;

    public ReadOnlySpan<byte> Key => key;

    public PassageTag Tag(ReadOnlySpan<byte> bytes)
    {
        Span<byte> tag = stackalloc byte[16];
        gmac.Encrypt(Nonce, ReadOnlySpan<byte>.Empty, Span<byte>.Empty, tag, bytes);
        return PassageTag.Read(tag);
    }

    public void Dispose() => gmac.Dispose();
}
