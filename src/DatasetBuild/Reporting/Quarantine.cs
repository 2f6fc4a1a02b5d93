using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>A record that could not be read: where it stands, why, and its bytes (empty where it was too large to keep).</summary>
public sealed record QuarantinedRecord(string Shard, int Line, int Column, string Code, string Reason, byte[] Bytes);

/// <summary>Renders the records that were set aside as JSON Lines, their text as a string, since it may be no JSON.</summary>
public static class Quarantine
{
    public static byte[] Render(IEnumerable<QuarantinedRecord> records)
    {
        using var bytes = new MemoryStream();
        foreach (var record in records)
        {
            using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                json.WriteStartObject();
                json.WriteString("shard", record.Shard);
                json.WriteNumber("line", record.Line);
                json.WriteNumber("column", record.Column);
                json.WriteString("code", record.Code);
                json.WriteString("reason", record.Reason);
                json.WriteString("text", Encoding.UTF8.GetString(record.Bytes));
                json.WriteEndObject();
            }

            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }
}
