namespace DatasetBuild.Scoring;

/// <summary>The codes of what can go wrong when language models score; see the README's table.</summary>
public static class PassCodes
{
    public const string TimeIsUp = "DSB3075";
    public const string ModelChanged = "DSB3076";
    public const string CannotScore = "DSB3077";
    public const string Estimate = "DSB3078";
    public const string ForeignTokenizer = "DSB3079";
    public const string BeyondContext = "DSB3080";
    public const string NoDigits = "DSB3081";
    public const string NoEngine = "DSB3082";
}
