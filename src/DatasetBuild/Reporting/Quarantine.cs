using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Reporting;

/// <summary>A record that could not be read: where it stands, why, and its bytes (empty where it was too large to keep, or is all of a shard).</summary>
public sealed record QuarantinedRecord(string Shard, int Line, int Column, string Code, string Reason, byte[] Bytes);

/// <summary>Records that were set aside, as JSON Lines; their text is a string, since it may be no JSON.</summary>
public static class Quarantine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one of them.</summary>
    public static void Write(Stream file, QuarantinedRecord record)
    {
        using (var json = new Utf8JsonWriter(file, Options))
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

        file.WriteByte((byte)'\n');
    }
}
