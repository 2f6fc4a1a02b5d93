namespace DatasetBuild.Pipeline;

/// <summary>The codes of mistakes in a project and of failures of the engine itself; see the README's table.</summary>
public static class ProjectCodes
{
    public const string InvalidPlan = "DSB2001";
    public const string UnknownKind = "DSB2002";
    public const string UnknownParameter = "DSB2003";
    public const string EmptyValue = "DSB2004";
    public const string InvalidValue = "DSB2005";
    public const string Contradiction = "DSB2006";
    public const string MissingParameter = "DSB2007";
    public const string DuplicateStage = "DSB2008";
    public const string NoShards = "DSB2009";
    public const string MissingFile = "DSB2010";
    public const string TooManyStages = "DSB2012";
    public const string UnusedProperty = "DSB2013";
    public const string ShardInOutput = "DSB2014";
    public const string ForeignOutput = "DSB2015";
    public const string UnusedFiles = "DSB2018";
    public const string MemoryLimit = "DSB2022";
    public const string UnknownStage = "DSB2021";
    public const string NoModel = "DSB2040";
    public const string OtherTokenizer = "DSB2041";
    public const string NoEvaluation = "DSB2060";
    public const string NoDataset = "DSB2061";
    public const string NoEarlierBuild = "DSB2062";
    public const string CommandLine = "DSB2070";
    public const string NoSuchRecord = "DSB2071";
    public const string CannotWrite = "DSB5001";
    public const string NotReproduced = "DSB5002";
    public const string Internal = "DSB9002";
}
