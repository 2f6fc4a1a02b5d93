using System.Security.Cryptography;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Scores made elsewhere, joined to the records by key, or by an id that stands in both: never by position. Records without a row are missing.
/// They never enter the score store: the file is their truth.
/// </summary>
internal sealed class ScoreFileSource(string fullPath, string keyField, string? idField, string scoreField) : IValueSource
{
    private readonly FileStamp stamp = FileStamp.TryOf(fullPath, out var before) ? before : default;
    private readonly string digest = Digest(fullPath);

    public IReadOnlyList<string> Identities =>
        [$"scorer=ScoreFile\nfile=sha256:{digest}\njoin={(idField is null ? "key " + keyField : "id " + idField)}\nscore={scoreField}\nversion=1\n"];

    public ScoringFacts Fill(StageContext context, Scores scores)
    {
        var rows = new ScoreFile(fullPath, idField ?? keyField, scoreField).Read();
        if (!FileStamp.TryOf(fullPath, out var after) || (after != stamp && Digest(fullPath) != digest))
        {
            // The identity names what the file held when the build began.
            throw new DatasetException(DataCodes.ShardChanged, "the score file changed while the build was running. Build again when whatever writes it is done.", fullPath);
        }

        if (idField is null)
        {
            var byKey = new Dictionary<RecordKey, double?>(rows.Count);
            foreach (var (id, row) in rows)
            {
                if (!RecordKey.TryParse(id, out var key))
                {
                    throw ScoreFile.Fail(fullPath, row.Line, $"'{ScoreFile.Shown(id)}' is not a record key (32 hexadecimal digits). To join by an id of your own, declare IdField.");
                }

                // Large and small digits spell one key.
                if (!byKey.TryAdd(key, row.Score) && byKey[key] != row.Score)
                {
                    throw ScoreFile.Fail(fullPath, row.Line, $"'{id}' has another score on an earlier line. Which one counts cannot be known: keep one.");
                }
            }

            foreach (var record in context.Entered)
            {
                Take(record, byKey.TryGetValue(context.Pool.Keys[record], out var score), score);
            }
        }
        else
        {
            FieldReader.Read(context, idField, context.Entered, (record, value) =>
            {
                ScoreRow row = default;
                Take(record, value.Label is { } id && rows.TryGetValue(id, out row), row.Score);
            });
        }

        return default;

        void Take(int record, bool found, double? score)
        {
            scores.Value[record] = score ?? 0;
            scores.State[record] = found && score is not null ? Scores.HasValue : (byte)MissingReason.NoRow;
        }
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

/// <summary>A row of a score file; a null score is a row that says "no score".</summary>
internal readonly record struct ScoreRow(double? Score, int Line);
