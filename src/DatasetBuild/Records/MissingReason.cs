namespace DatasetBuild.Records;

/// <summary>Permanent reasons for a missing value; functions of the record alone. The numbers stand in stores and are never reused.</summary>
public enum MissingReason : byte
{
    /// <summary>The conversation has no assistant turn, so it has no response.</summary>
    NoAssistantTurn = 2,

    /// <summary>A document has neither prompt nor response.</summary>
    RawText = 3,

    /// <summary>The record does not have the field, or it is null.</summary>
    NoField = 4,

    /// <summary>The field is not a number.</summary>
    NotANumber = 5,

    /// <summary>The score file has no row for the record.</summary>
    NoRow = 6,

    /// <summary>The record does not have the field of <c>GroupBy</c>.</summary>
    NoGroup = 7,

    /// <summary>Nothing is left that a loss could be taken of: all weights are 0, or truncation took the response away.</summary>
    NoSupervisedToken = 8,

    /// <summary>More tokens than the declared greatest length.</summary>
    TooLong = 9,

    /// <summary>The assistant says nothing.</summary>
    EmptyResponse = 10,

    /// <summary>A loss or a score that is no finite number.</summary>
    NotFinite = 11,

    /// <summary>The chat template calls <c>raise_exception</c> on the conversation: it cannot be trained on in this form.</summary>
    RefusedByTemplate = 12,

    /// <summary>Two models were to judge the same tokens, and did not see the same number of them.</summary>
    OtherTokens = 13,
}

public static class MissingReasons
{
    public static string Describe(MissingReason reason) => reason switch
    {
        MissingReason.NoAssistantTurn => "no assistant turn",
        MissingReason.RawText => "raw text has no such part",
        MissingReason.NoField => "field absent",
        MissingReason.NotANumber => "field is not a number",
        MissingReason.NoRow => "no row in the score file",
        MissingReason.NoGroup => "no value to group by",
        MissingReason.NoSupervisedToken => "no supervised token",
        MissingReason.TooLong => "too long",
        MissingReason.EmptyResponse => "empty response",
        MissingReason.NotFinite => "not a finite number",
        MissingReason.OtherTokens => "the models saw other tokens",
        MissingReason.RefusedByTemplate => "refused by the chat template",
        _ => $"reason {(byte)reason}",
    };
}
