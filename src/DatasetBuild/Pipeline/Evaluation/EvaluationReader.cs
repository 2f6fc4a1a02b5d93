using System.Buffers;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Reads the items of an evaluation file: the declared fields of each, or without any the prompt and the response of its conversation. System prompts and
/// tools are left out: many records share them, and no benchmark asks for them. An item that cannot be read is an error in any case, since what it holds would
/// pass unseen.
/// </summary>
internal sealed class EvaluationReader : IDisposable
{
    /// <summary>Places in the words of all items are 31 bits.</summary>
    public const int MaxBytes = 1 << 30;

    /// <summary>What is wrong with items that have more words than that.</summary>
    public const string TooMany = "the evaluation items are too many to be compared with: they have more than 1 GiB of words. Take fewer of them.";

    private readonly PlanShard file;
    private readonly RecordReader reader;
    private readonly ConversationParser parser;
    private readonly EvaluationFields? fields;
    private readonly List<int> lines = [];
    private readonly ArrayBufferWriter<byte> words = new();

    private EvaluationReader(PlanShard file, int maxRecordBytes)
    {
        this.file = file;
        fields = file.Fields is null ? null : new EvaluationFields(file.Fields.Split(';'));
        reader = new RecordReader(file.FullPath, maxRecordBytes, digest: true);
        parser = new ConversationParser(file.Shape);
    }

    /// <param name="file">The file and how it is read.</param>
    /// <param name="maxRecordBytes">A larger item is an error.</param>
    /// <exception cref="DatasetException">The file cannot be read, or an item of it.</exception>
    public static EvaluationFile Read(PlanShard file, int maxRecordBytes)
    {
        try
        {
            using var pass = new EvaluationReader(file, maxRecordBytes);
            pass.Run();
            return new EvaluationFile(file, ContentDigest.Read(pass.reader.FinishDigest()), [.. pass.lines], pass.words.WrittenSpan.ToArray());
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException(DataCodes.UnreadableShard, ShardStream.Damaged, file.FullPath, inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                DataCodes.UnreadableShard, $"the evaluation file cannot be read ({error.Message}). Check its permissions and the disk that it lies on.", file.FullPath, inner: error);
        }
    }

    public void Dispose()
    {
        parser.Dispose();
        reader.Dispose();
    }

    private void Run()
    {
        while (Next())
        {
            try
            {
                AddItems();
            }
            catch (InvalidRecordException error)
            {
                var (line, column) = TextPosition.Locate(reader.Json, error.Offset, reader.Line, reader.Column);
                throw Refuse(error, line, column);
            }

            if (words.WrittenCount > MaxBytes)
            {
                throw new DatasetException(DataCodes.UnusableEvaluation, TooMany, file.FullPath, reader.Line, 1);
            }
        }

        if (fields?.Unseen is { } unseen && lines.Count > 0)
        {
            throw new DatasetException(
                DataCodes.UnusableEvaluation, $"no item of this file has the field '{unseen}', which Fields names. Check its spelling; fields inside an object are written meta.question.", file.FullPath);
        }
    }

    private bool Next()
    {
        try
        {
            return reader.Read();
        }
        catch (InvalidRecordException error)
        {
            throw Refuse(error, reader.Line, reader.Column);
        }
    }

    private DatasetException Refuse(InvalidRecordException error, int line, int column) =>
        lines.Count == 0 && ForeignFormat.Refusal(file.FullPath) is { } format
            ? new DatasetException(DataCodes.ForeignFormat, format, file.FullPath, 1, 1, error)
            : new DatasetException(error.Code, error.Message, file.FullPath, line, column, error);

    private void AddItems()
    {
        var json = reader.Json;
        if (fields is not null)
        {
            fields.Read(json, (text, isWhole) => AddText(text, isWhole ? EvaluationWords.EndOfText : EvaluationWords.EndOfPart));
            EndItem();
            return;
        }

        parser.Parse(json);
        for (var i = 0; i < parser.Count; i++)
        {
            AddConversation(new Conversation(parser.Canonical(json, i)));
            EndItem();
        }
    }

    private void AddConversation(Conversation conversation)
    {
        var questions = 0;
        foreach (var turn in conversation)
        {
            questions += IsQuestion(turn.Role) ? turn.PartCount : 0;
        }

        foreach (var turn in conversation)
        {
            // A question that is the only one is what the item asks; one of several, or an answer, may be as short and common as "yes, please".
            var end = questions == 1 && IsQuestion(turn.Role) ? EvaluationWords.EndOfText : EvaluationWords.EndOfPart;
            var parts = turn.GetEnumerator();
            while (turn.Role is not (Role.System or Role.Developer) && parts.MoveNext())
            {
                AddText(parts.Text, end);
            }
        }
    }

    private static bool IsQuestion(Role role) => role is not (Role.System or Role.Developer or Role.Assistant);

    private void AddText(ReadOnlySpan<byte> utf8, byte end)
    {
        var before = words.WrittenCount;
        FoldedWords.Write(utf8, words);
        if (words.WrittenCount > before)
        {
            words.Write([end]);
        }
    }

    private void EndItem()
    {
        words.Write([EvaluationWords.EndOfItem]);
        lines.Add(reader.Line);
    }
}
