namespace DatasetBuild.Records;

/// <summary>The codes of what can be wrong with data. Each has a row in the README's table; none is ever used for something else.</summary>
public static class DataCodes
{
    public const string InvalidJson = "DSB1001";
    public const string InvalidUtf8 = "DSB1002";
    public const string UnknownDialect = "DSB1003";
    public const string TwoReadings = "DSB1004";
    public const string PreferenceData = "DSB1005";
    public const string ConfigurationFile = "DSB1006";
    public const string WrongType = "DSB1007";
    public const string UnknownRole = "DSB1008";
    public const string EmptyConversation = "DSB1009";
    public const string RecordTooLarge = "DSB1010";
    public const string LoneSurrogate = "DSB1011";
    public const string DuplicateField = "DSB1012";
    public const string UnreadableShard = "DSB1013";
    public const string ShardChanged = "DSB1014";
    public const string UnsupportedContent = "DSB1015";
    public const string TooManyInvalid = "DSB1016";
    public const string Quarantined = "DSB1017";
    public const string ForeignFormat = "DSB1018";
    public const string EmptyResult = "DSB1020";
    public const string KeepAboveEntered = "DSB1021";
    public const string MissingNotAllowed = "DSB1022";
    public const string SchemaCannotHold = "DSB1023";
    public const string EmptySplit = "DSB1024";
    public const string InvalidScoreFile = "DSB1030";
    public const string NoValueAtAll = "DSB1031";
    public const string BlankShard = "DSB1032";
    public const string LargeCluster = "DSB1050";
    public const string UnreadableBase = "DSB1052";
    public const string FewPairs = "DSB1053";
    public const string CrowdedBands = "DSB1051";
    public const string UnusableEvaluation = "DSB1055";
    public const string UnusableReport = "DSB1056";
    public const string EmptyBase = "DSB1057";
    public const string BlankEvaluation = "DSB1058";
}
