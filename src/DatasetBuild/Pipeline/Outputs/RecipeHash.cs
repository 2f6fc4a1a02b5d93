using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>Names the bytes of an output file without having them: a hash over the format of its lines and the records in their order.</summary>
internal sealed class RecipeHash
{
    private const int RowSize = RecordKey.Size + 8;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] rows = new byte[64 * RowSize];
    private int used;

    public RecipeHash(string lineFormat) => hash.AppendData(Encoding.UTF8.GetBytes(lineFormat));

    /// <param name="key">The record's key.</param>
    /// <param name="content">Changes with any byte of its JSON, also outside the conversation.</param>
    public void Add(in RecordKey key, ulong content)
    {
        if (used == rows.Length)
        {
            Flush();
        }

        var row = rows.AsSpan(used, RowSize);
        key.Write(row);
        BinaryPrimitives.WriteUInt64LittleEndian(row[RecordKey.Size..], content);
        used += RowSize;
    }

    /// <summary>SHA-256 in lower-case hexadecimal digits. Nothing can be added afterwards.</summary>
    public string Finish()
    {
        Flush();
        using (hash)
        {
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    private void Flush()
    {
        hash.AppendData(rows.AsSpan(0, used));
        used = 0;
    }
}
